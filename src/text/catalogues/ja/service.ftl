### Windows のサービス。

service-windows-only = `gracewatch service` は Windows 用です。このシステムでは、サービス マネージャーから `gracewatch serve` を実行してください
service-installed = サービスをインストールしました。Windows の起動時に自動的に開始します。構成ファイルは { $config } です。今すぐ開始するには gracewatch service start を実行してください
service-uninstalled = サービスを削除しました。{ $folder } にあるデータは残っています
service-started = サービスは実行中です
service-stopped = サービスを停止しました
service-reloading = サービスが設定を再読み込みします。結果はイベント ログ (Application、ソース Gracewatch) に記録されます
service-status = { $state ->
    [running] サービスは実行中です (プロセス { $number })
    [starting] サービスを開始しています
    [stopping] サービスを停止しています
   *[stopped] サービスは実行されていません (終了コード { $number })
}
service-denied = 管理者の権限が必要です。管理者として実行したコマンド プロンプトから実行してください
service-not-installed = サービスがインストールされていません。gracewatch service install を実行してください
service-not-running = サービスは実行されていません。gracewatch service start を実行してください
service-not-by-hand = これはサービス マネージャーが起動するものです。コンソールで実行するには `gracewatch serve` を使ってください
service-being-removed = サービスの削除が完了していません。サービスの管理コンソールなどを閉じてから、もう一度実行してください
service-refused = サービス マネージャーが拒否しました: { $error }
service-start-failed = サービスは開始中に終了しました (終了コード { $code })。理由はイベント ログ (Application、ソース Gracewatch) にあります
service-slow = { $seconds } 秒以内に完了しませんでした。gracewatch service status で状態を確認してください
service-folder = フォルダー { $folder } を作成できません: { $error }
service-access = { $folder } のアクセス制御リストを設定できません。ほかのユーザーが内容を読み取れる可能性があります: { $error }
service-setting = { $setting ->
    [delay] 遅延開始
    [account] サービスの ID
    [restart] 障害後の再起動
    [events] イベント ログのソース
   *[description] 説明
}を設定できませんでした: { $error }
