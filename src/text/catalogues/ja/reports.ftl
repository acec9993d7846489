### `check` と `machines` の報告、および Nagios の行。

## 文の並び

two-sentences = { $one }{ $two }

## check

status-word = { $status ->
    [ok] 正常
    [degraded] 低下
    [blocked] 停止
   *[unknown] 不明
}
path-title = { $path }: { $status }
path-title-at = { $path }: { $status } ({ $stage }: { $reason })
path-fine = { $title }。{ $summary }({ $checks })
checks-passed = { $count } 件の確認に成功
checks-passed-and-hidden = { $checks } (--all で表示)
paths-counted = 経路 { $count } 件: { $counts }
paths-ok = { $status } { $count } 件
paths-of-status = { $more ->
    [0] { $status } { $count } 件 ({ $names })
   *[other] { $status } { $count } 件 ({ $names } ほか { $more } 件)
}
list-separator = 、
first-steps-title = 最初に行うこと:
besides-title = { $contributes ->
    [yes] これも停止の原因です ({ $stage }): { $problem }:
   *[no] ほかの問題 ({ $stage }): { $problem }:
}
machines-listed = { $more ->
    [0] 対象: { $names }
   *[other] 対象: { $names } ほか { $more } 台
}
more-problems = ほかに { $count } 件の問題があります。`--output json` で一覧できます。
name-and-more = { $name } ほか { $more } 件
via-proxy = { $proxy } 経由
not-probed = 未測定
past-login = { $cell } (認証後)
ends-on = { $cell }、期限 { $day }
proxy-ends-on = { $cell }、プロキシの期限 { $day }

## 時計

clocks-title = 時計 (このコンピューターとの差):
clock-kind-unknown = 不明
true-time-unknown = { $why ->
    [not_configured] 正しい時刻は不明です。タイム サーバーが設定されていません。
    [not_asked] 正しい時刻は不明です。タイム サーバーにまだ問い合わせていません。
    [not_told] 正しい時刻は不明です。時刻を示すタイム サーバーがありません。
    [not_certain] 正しい時刻は不明です。タイム サーバーの最後の応答から時間がたちすぎています。
   *[not_agreed] 正しい時刻は不明です。タイム サーバーの過半数が一致していません。
}
own-clock-summary = { $kind ->
    [alone] { own-clock-offset } ({ $server } だけの情報)。
    [supported] { own-clock-offset } (タイム サーバー { $heard } 台中 { $agreeing } 台が一致)。ただし { $server } はこのコンピューターと一致しています。
   *[agreed] { own-clock-offset } (タイム サーバー { $heard } 台中 { $agreeing } 台が一致)。
}
own-clock-offset = { $relation ->
    [ahead] このコンピューターの時計は正しい時刻より { $span } 進んでいます
    [behind] このコンピューターの時計は正しい時刻より { $span } 遅れています
   *[near] このコンピューターの時計と正しい時刻の差は最大 { $span } です
}

## machines

machines-counted = { $count } 台
fleet-summary = { $machines }{ fleet-expiring }{ fleet-lost }{ fleet-overdue }{ fleet-stale }{ fleet-next }
fleet-expiring = { $expiring ->
    [0] { "" }
   *[other] 、{ $days } 日以内に期限切れ { $expiring } 台
}
fleet-lost = { $lost ->
    [0] { "" }
   *[other] 、認証切れ { $lost } 台
}
fleet-overdue = { $overdue ->
    [0] { "" }
   *[other] 、更新遅れ { $overdue } 台
}
fleet-stale = { $stale ->
    [0] { "" }
   *[other] 、報告なし { $stale } 台
}
fleet-next = { $machine ->
    [none] { "" }
   *[other] 、次に認証を失うのは { $machine } ({ $day })
}
path-fleet = 経路 { $path }: { $summary }
machines-not-shown = { $machines }は表示していません。--limit、--name、--path、--at-risk を参照してください
column = { $column ->
    [machine] コンピューター
    [path] 経路
    [product] 製品
    [channel] チャネル
    [status] 状態
    [ends] 期限
   *[renewal] 更新
}
no-license = ライセンスなし
stale-since = { $status } ({ $day } から報告なし)
unknown-product = 不明
license-never-ends = 無期限
license-ended = { $day } に終了
license-lost = 認証切れ
license-ends = { $day } (あと { $span })
license-end-unknown = 不明
renewal-in-time = 期限内
renewal-overdue = { $span } 遅れ
