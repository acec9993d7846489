### 対象のコンピューター (インベントリ)

inventory-of-file = `{ $file }`: { $fault }
inventory-no-files = フォルダーにファイルがありません
inventory-many-files = フォルダーのファイルが { $most } 個を超えています
inventory-too-long = ファイルが合計 { $most } MiB を超えています。必要な列だけをエクスポートしてください
inventory-too-many = コンピューターが { $most } 台を超えています
inventory-hangs = ファイルが { $seconds } 秒間応答していません
inventory-not-configured = インベントリが設定されていません。設定で指定してください: status: { "{" }inventory: { PLACE("/etc/gracewatch/inventory.csv") }{ "}" }
inventory-not-read = インベントリを読み取れませんでした: { $fault }
inventory-being-read = インベントリの読み取りがまだ終わっていません
machine-never-reported = `{ $name }` はインベントリにありますが、一度も報告していません
inventory-stays = インベントリを読み取れないため、前回の内容を使用しています: { $fault }
parameter-alone = `{ $name }` と同時に指定できるのは `name`、`offset`、`limit`、`lang` だけです

expected-summary = 対象 { $expected } 台{ expected-missing }{ expected-silent }{ expected-unlisted }
expected-missing = { $missing ->
    [0] 、すべて報告あり
   *[other] 、一度も報告なし { $missing } 台 (--missing)
}
expected-silent = { $silent ->
    [0] { "" }
   *[other] 、長期間報告なし { $silent } 台 (--stale)
}
expected-unlisted = { $unlisted ->
    [0] { "" }
   *[other] 、インベントリにないもの { $unlisted } 台 (--unlisted)
}
expected-column = { $column ->
    [machine] コンピューター
    [logon] 最終ログオン
   *[system] オペレーティング システム
}
expected-not-shown = { $machines }は表示していません。--limit と --name を参照してください

page-views = コンピューターの一覧
page-view = { $view ->
    [all] すべてのコンピューター
    [missing] 一度も報告なし ({ $count })
   *[unlisted] インベントリにない ({ $count })
}
page-missing = 一度も報告していないコンピューター
page-missing-what = インベントリにあり、一度も報告が届いていないコンピューターです。状態を収集するか、ディレクトリからアカウントを削除してください。
page-missing-column = { $column ->
    [machine] コンピューター
    [logon] 最終ログオン
   *[system] オペレーティング システム
}
