### エージェントと、その報告について。

agent-server = https://gracewatch.corp.example:10688 のようなサーバーを指定してください
agent-server-alone = サーバーにはアドレスだけを指定してください。ユーザー名、パスワード、クエリ、フラグメントは指定できません
agent-proxy = エージェントに指定できるのは `direct`、`system`、または HTTP プロキシ (認証はパスワードのみ) です
agent-client = client_cert と client_key は両方指定してください
agent-two-tokens = token_file と enrol_token_file は同時に指定できません。どちらか一方を指定してください
agent-no-server = 報告先のサーバーがありません。--server、または設定の `agent: {"{"}server: ...{"}"}` で指定してください
agent-not-windows = Windows ではありません。報告の元になるファイルを --from で指定してください
agent-no-token = 1 行目がトークンではありません
agent-ran = { $server } に { $sent } 件の報告を送信しました。送信待ち: { $waiting } 件
agent-trouble = { $kind ->
    [service_stopped] ライセンス サービスが停止しているか、無効になっています ({ $detail })。サービス `sppsvc` を開始してください
    [access_denied] WMI のライセンス クラスを読み取る権限がありません ({ $detail })。エージェントをサービスまたは管理者として実行してください
    [licensing_unreadable] このコンピューターのライセンス情報を読み取れません: { $detail }
    [file_unreadable] { $detail }
    [disk_full] ディスクがいっぱいのため、報告を保存できません: { $detail }
    [folder_unusable] エージェントのフォルダーを使用できません: { $detail }
    [already_running] フォルダー { $detail } は別のエージェントが使用しています
    [no_token] トークンを読み取れません: { $detail }。サーバーで `gracewatch token add` を実行すると作成できます
    [token_rejected] サーバーがトークンを拒否しました。取り消されたか、別のサーバーのトークンです ({ $detail })
    [not_enrolled] このコンピューターを登録できません: { $detail }。登録用のトークンは、サーバーで `gracewatch token add --enrol` を実行すると作成できます
    [already_enrolled] このコンピューターは登録済みですが、そのトークンがここにありません: { $detail }
    [machine_revoked] このコンピューターは報告できなくなりました: { $detail }
    [not_allowed] このトークンでは、このコンピューターについて報告できません: { $detail }
    [intercepted] サーバーの証明書を信頼できません。通信が傍受されているか、ca_file が指定されていません ({ $detail })
    [certificate_invalid] サーバーの証明書は現在有効ではありません: { $detail }
    [not_gracewatch] 応答したのは Gracewatch ではありません: { $detail }
    [content_refused] サーバーが報告を拒否しました。報告はフォルダー `refused` に保存されています: { $detail }
    [server_unreachable] サーバーに接続できません: { $detail }
    [server_unavailable] サーバーは現在、報告を受け付けていません: { $detail }
    [reports_dropped] 新しい報告を保存するため、未送信の報告を { $detail } 件削除しました
    [events_unreadable] イベント ログを読み取れません: { $detail }
   *[name_shared] 別のコンピューターが同じ名前で報告しています。どちらかの名前を変更してください { $detail }
}
status-parameters = 指定できるパラメーターは `machine` と `reported_at` (`2026-12-03T04:10:00Z` のような日時) だけです
