### `check` と `machines` の報告、および Nagios の行。

## 文の並び

two-sentences = { $one }{ $two }

## check

status-word = { $status ->
    [ok] 正常
    [degraded] 一部異常
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
    [yes] 停止の原因がもう 1 つあります ({ $stage }): { $problem }。
   *[no] その他の問題 ({ $stage }): { $problem }。
}
machines-listed = { $more ->
    [0] 対象: { $names }
   *[other] 対象: { $names } ほか { $more } 台
}
more-problems = ほかに { $count } 件の問題があります。`--output json` で一覧できます。
name-and-more = { $name } ほか { $more } 件
clock-not-read = 読み取れません
via-proxy = { $proxy } 経由
not-probed = 未測定
past-login = { $cell } (プロキシ認証後)
ends-on = { $cell }、期限 { $day }
proxy-ends-on = { $cell }、プロキシの期限 { $day }

## 時計

clocks-title = 時刻 (このコンピューターとの差):
clock-kind-unknown = 不明
true-time-unknown = { $why ->
    [not_configured] 正しい時刻は不明です。タイム サーバーが設定されていません。
    [not_asked] 正しい時刻は不明です。タイム サーバーにまだ問い合わせていません。
    [not_told] 正しい時刻は不明です。時刻を応答するタイム サーバーがありません。
    [not_certain] 正しい時刻は不明です。タイム サーバーの最後の応答が古すぎます。
   *[not_agreed] 正しい時刻は不明です。過半数のタイム サーバーで一致する時刻がありません。
}
time-server-impossible = 正しい時刻は不明です。{ $server } が{ $said }。その時刻を修正するか、そのサーバーを `clock.ntp` から外してください。
own-clock-summary = { $kind ->
    [alone] { own-clock-offset } (根拠は { $server } のみ)。
    [supported] { own-clock-offset } (タイム サーバー { $heard } 台中 { $agreeing } 台が一致)。ただし { $server } はこのコンピューターと一致しています。
   *[agreed] { own-clock-offset } (タイム サーバー { $heard } 台中 { $agreeing } 台が一致)。
}
own-clock-offset = { $relation ->
    [ahead] このコンピューターの時計は正しい時刻より { $span }進んでいます
    [behind] このコンピューターの時計は正しい時刻より { $span }遅れています
   *[near] このコンピューターの時計と正しい時刻の差は最大 { $span }です
}

## machines

machines-counted = { $count } 台
fleet-summary = { $machines }{ fleet-expiring }{ fleet-lost }{ fleet-overdue }{ fleet-stale }{ fleet-next }
fleet-expiring = { $expiring ->
    [0] { "" }
   *[other] 、{ $days } 日以内に期限が切れる { $expiring } 台
}
fleet-lost = { $lost ->
    [0] { "" }
   *[other] 、ライセンス認証切れ { $lost } 台
}
fleet-overdue = { $overdue ->
    [0] { "" }
   *[other] 、更新が遅延 { $overdue } 台
}
fleet-stale = { $stale ->
    [0] { "" }
   *[other] 、報告なし { $stale } 台
}
fleet-next = { $machine ->
    [none] { "" }
   *[other] 、次にライセンス認証が切れるのは { $machine } ({ $day })
}
path-fleet = 経路 { $path }: { $summary }
no-license = ライセンスなし
unknown-product = 不明
license-never-ends = 無期限
license-none-left = なし
license-lost = ライセンス認証切れ
license-end-unknown = 不明
machines-not-shown = { $machines }を省略しました。表示するには --limit、--within、--lost、--path、--name を指定してください
column = { $column ->
    [machine] コンピューター
    [state] 状態
    [left] 残り時間
    [late] 更新の遅れ
    [host] KMS ホスト
   *[reason] 理由
}
stale-since = 最後の報告: { $day }
license-ended = { $day } に終了

## 1 台のコンピューター

machine-reported = { $stale ->
    [yes] 最後の報告: { $moment } UTC ({ $ago }前、{ $source })。長期間報告がありません。
   *[no] 最後の報告: { $moment } UTC ({ $ago }前、{ $source })。
}
machine-on-path = 経路 { $path } に依存しています。
machine-on-no-path = 監視中の経路には依存していません。
machine-rearms = Windows の猶予期間はあと { $count } 回リセットできます。
machine-is-kms-host = { $application } の KMS ホストです。クライアント数: { $clients } (必要数: { $required })。
license-title = { $product } ({ $channel })
license-state = 状態: { $state }。残り時間: { $left }。
license-until = 更新されない場合、{ $day } にライセンス認証が切れます。
license-renewed = { $late ->
    [no] 最後の更新: { $day }。
   *[other] 最後の更新: { $day }。更新が { $late }遅れています。
}
license-last-error = 最後の試行は { $code } で失敗しました。
license-key = プロダクト キーの一部: { $key }。
license-by-domain = Active Directory によるライセンス認証です。必要なのはドメインであり、KMS ホストは使用しません。
license-kms-host = KMS ホスト: { $host }。
license-addon = アドオンです。製品のライセンス認証には影響しません。
kms-host-serves = KMS ホスト { $host } は応答しています。
kms-host-fails = KMS ホスト { $host } は { $stage } で失敗しています: { $reason }。
codes-title = コードの意味:
history-title = 変更の履歴:
history-empty = ライセンスの変更は記録されていません。

## changes

changes-title = { $count ->
    [0] { $since } UTC 以降の変更はありません。
   *[other] { $since } UTC 以降の変更 { $count } 件 (新しい順):
}
changes-verdicts-since = 判定の履歴は { $since } UTC 以降のものだけです。
changes-without-verdicts = 判定の変化は含みません。デーモンには問い合わせておらず、ストアにも判定の履歴がありません。
changes-more = これより古い変更は表示していません。--since に、より短い期間を指定してください。
change-license = { $product }: { $from } → { $to }
change-silent = 報告が途絶えました (最後の報告 { $day } UTC)
change-silent-many = 報告が途絶えました
change-appeared = 最初の報告
change-gone = 削除されたか、名前が変わりました
change-path = 経路 { $path }
change-path-of = 経路 { $path } ({ $instance })
change-from = { $before } → { $since }
change-verdict = { $status }
change-verdict-at = { $status } ({ $stage }: { $reason })
