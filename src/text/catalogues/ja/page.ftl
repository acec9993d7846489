### デーモンのページ。

## すべてのページに共通

page-skip = 本文へ移動
page-navigation = ページ
page-tab = { $tab ->
    [overview] 概要
    [machines] コンピューター
    [runway] 期限の見通し
    [kms-hosts] KMS ホスト
    [changes] 変更
    [explain] コードの説明
   *[about] このプログラム
}
page-as-of = 表示時刻
page-not-refreshed = このページを更新できません。表示内容は古い可能性があります。
page-demo = デモ: 障害を起こす
page-find = 検索
page-nothing-known = 記録なし

## ページを表示できない場合

page-fault = { $status ->
    [400] 要求を解釈できません
    [404] ページがありません
    [503] 現在は利用できません
   *[other] 表示できません
}
page-near = 次のいずれかではありませんか:
page-unknown = `{ $address }`: このアドレスのページはありません
page-parameter-unknown = `{ $name }`: このページで使えるのは { $known } です
page-format = `format={ $value }`: 形式は csv だけです
page-filters = 絞り込みは name、product、channel、status (0 ~ 6)、path、within (日数)、lost、overdue、at_risk、unlisted、stale (true または false) です。missing は name とだけ組み合わせられます。ほかに sort (expiry、name、reported、overdue)、offset、limit (1 ~ 1000)、format=csv を指定できます。

## 最初のページ

page-headline = { $state ->
    [nothing] まだ何も監視していません
    [measuring] 最初の測定を行っています
    [ok] ライセンス認証の経路 { $count } 件はすべて正常です
    [degraded] ライセンス認証は可能ですが、経路 { $count } 件中 { $bad } 件に問題があります
    [blocked] 経路 { $count } 件中 { $bad } 件でライセンス認証ができません
   *[unknown] 経路 { $count } 件中 { $bad } 件を判定できません
}
page-measuring = 判定は 1 ~ 2 分後に表示されます。
page-losses = { page-lost }{ page-soon }
page-lost = { $lost ->
    [0] { "" }
   *[other] { $lost } 台のライセンス認証が切れています。
}
page-soon = { $soon ->
    [0] { "" }
   *[other] { $soon } 台のライセンス認証が 7 日以内に切れます。
}
page-now = 最初に行うこと
page-all-steps = すべての手順
page-step-lost = ライセンス認証が切れたコンピューターを 1 台開いてください。報告されたコードと対処方法が表示されます。
page-lost-machines = ライセンス認証が切れたコンピューター
page-step-soon = 次にライセンス認証が切れるのは { $machine } です。更新されない原因を調べてください。
page-this-machine = このコンピューターを表示
page-unconfigured = このコンピューターには DNS ドメインがないため、監視する対象がありません。対象をファイルに記述し、--config でそのファイルを指定して gracewatch を起動してください:
page-unconfigured-demo = 設定なしで試せるデモ:
page-paths = ライセンス認証の経路
page-since = 開始
page-depend = { $count } 台が依存
page-strip = { $span ->
    [day] 過去 24 時間
   *[month] 過去 30 日
}
page-strip-share = { $share } (記録 { $known })
page-more-paths = ほかの { $count } 件の経路を表示
page-fleet = コンピューター
page-tile = { $figure ->
    [known] 登録台数
    [lost] ライセンス認証切れ
    [soon] 7 日以内に期限切れ
    [late] 更新の遅れ
    [silent] 報告なし
    [missing] 一度も報告なし
    [unlisted] インベントリにない
    [losing] 180 日以内に期限切れ
    [later] それ以降に期限切れ
   *[without-end] 期限なし、または不明
}
page-to-runway = 期限の見通し
page-changed = 昨日からの変更
page-all-changes = すべての変更
page-nothing-changed = 変更はありません。
page-more-changes = ほか { $count } 件
page-look-up = 調べる
page-find-machine = コンピューターを名前または名前の一部で検索
page-explain-code = エラー コード、イベント、エラー メッセージの意味を調べる
page-explain = 説明を表示

## コンピューター

page-sheet = Excel 用の表 (CSV)
page-filter = { $filter ->
    [name] 名前
    [product] 製品
    [channel] チャネル
    [status] 状態
    [path] 経路
    [within] 期限切れまでの日数
    [only] 次に該当するものだけ
    [lost] ライセンス認証切れ
    [overdue] 更新の遅れ
    [stale] 報告なし
    [unlisted] インベントリにない
   *[at_risk] 要注意
}
page-all-machines = 絞り込みを解除
page-no-machines = 該当するコンピューターはありません。
page-previous = 前へ
page-next = 次へ
page-column = { $column ->
    [machine] コンピューター
    [state] 状態
    [left] 残り時間
    [late] 更新の遅れ
    [host] KMS ホスト
    [path] 経路
    [reported] 最後の報告
    [reason] 理由
    [endpoint] エンドポイント
    [target] 対象
    [address] アドレス
    [stage] 段階
    [time] 時間
    [detail] 結果
    [from] 日時 (UTC)
    [verdict] 判定
    [length] 期間
    [day] 日付
    [machines] 台数
    [sum] 累計
    [already] 期限切れ済み
    [what] コンピューターまたは経路
    [change] 変更
    [count] 現在の数
    [required] 必要数
    [requests] 要求数
    [own-license] ホストのライセンス
    [application] アプリケーション
    [clock] 時計
    [last] 最新
    [longest] 最長
    [course] 推移
    [limit] 上限
    [used] 使用量
   *[most] 最大
}

## 1 台のコンピューター

page-known = 登録情報
page-licenses = ライセンス
page-fact = { $fact ->
    [path] 経路
    [received] 最後の受信
    [complete] 最後の完全な報告
    [rearms] 残りのリセット回数
    [client-machine-id] クライアント コンピューター ID
    [service] ライセンス サービス
    [kms-host] KMS ホスト
    [left] 残り時間
    [loses] 期限
    [renewed] 最後の更新
    [due] 次の更新
    [late] 更新の遅れ
    [last-error] 最後のエラー
    [uses] KMS ホスト
    [activation] ライセンス認証
    [key] プロダクト キーの一部
    [sku] SKU
    [reported] 報告
    [addon] アドオン
    [version] バージョン
    [commit] コミット
    [tasks] タスク
    [store] ストア
    [uptime] 稼働時間
    [loaded] 設定の読み込み
    [certificate] 証明書の期限
   *[inbox] 受信フォルダー
}

## 1 件の経路

page-chain = クライアントがたどる経路
page-stage = { $stage ->
    [srv] DNS (SRV)
    [address] アドレス
    [tcp] TCP
    [proxy] プロキシ
    [tls] TLS
    [http] HTTP
    [rpc] RPC
    [clock] 時計
    [host] ホストの認証
    [count] クライアント数
   *[client] クライアント
}
page-passing = { $passing } / { $all } 成功
page-not-seen = 未確認
page-pending = 現在の失敗: { $status }。{ $of } 回続くと判定に反映されます (これまで { $rounds } 回)。
page-held = 現在は成功しています。判定は { $moment } UTC まで変わりません。
page-troubles = その他の問題
page-more-troubles = ほかに { $count } 件の問題があります。
page-matrix = エンドポイントとプロキシ
page-targets = 測定対象
page-more-rows = ほかの { $count } 行を表示
page-timing = 測定にかかった時間
page-timing-left-out = ほかに { $count } 件の測定対象があります。
page-history = 過去 30 日の判定

## 期限の見通し

page-runway-what = 今後まったく更新されない場合に、ライセンス認証が切れる台数を 180 日先まで日ごとに示します。
page-runway-days = ライセンス認証が切れる台数 (日別、経路別)
page-runway-none = 180 日以内にライセンス認証が切れるコンピューターはありません。
page-no-path = 経路なし
page-other-paths = ほかの経路

## KMS ホスト

page-hosts-what = 経路の先にある KMS ホストと、自身を報告した KMS ホストです。
page-no-hosts = 経路の先にも報告にも KMS ホストはありません。
page-host = { $state ->
    [serves] 応答しています
    [activates-none] ライセンス認証を行っていません
    [silent] 報告なし
    [publishing-off] DNS への公開がオフです
   *[not-probed] 未測定
}
page-host-failed-start = { $code ->
    [none] { $day } に起動できませんでした
   *[other] { $day } に起動できませんでした ({ $code })
}
page-host-unpublished = { $code ->
    [none] { $day } に { $domain } へレコードを公開できませんでした
   *[other] { $day } に { $domain } へレコードを公開できませんでした ({ $code })
}
page-host-note = { $note ->
    [asked] 最後の要求 { $moment }
   *[reported] 最後の報告 { $moment }
}
page-application = { $application ->
    [windows] Windows
    [office] Office
    [office2010] Office 2010
   *[other] { $application }
}
page-requests-failed = 失敗 { $failed }
page-clock-off = { $direction ->
    [behind] { $span }遅れ
   *[ahead] { $span }進み
}
page-more-hosts = ほかに { $count } 台あります。

## 変更、コード、プログラム

page-changes-span = { $count } 日
page-usual-codes = よくあるコード:
page-limits = 上限と使用量
page-configuration = 使用中の設定
page-clocks = 時計
page-programs = プログラム向け
page-tasks = { $tasks } 個 (スレッド { $threads } 個)
page-store-down = { $store } は利用できません
page-reload-refused = { $moment } (最後の再読み込みは拒否されました)
page-inbox = { $healthy ->
    [yes] 処理中 (待機 { $count } 件)
   *[no] 処理できません (待機 { $count } 件)
}
