### 要求に応じた確認 (`GET /probe`)

probe-no-target = `target` がありません。ドメイン、ホスト、URL のいずれかを指定してください
probe-credentials = `target` と `proxy` に資格情報は指定できません。設定の経路に指定してください
probe-proxy = `proxy` を指定できるのは、モジュールが `online` のときだけです
probe-timeout = X-Prometheus-Scrape-Timeout-Seconds が 0 より大きい秒数ではありません
probe-not-allowed = `{ $host }` の確認は許可されていません。許可するには、設定の `web` に追加してください: { $line }
probe-leads-elsewhere = `{ $host }` のアドレス { $address } の確認は許可されていません。許可するには、設定の `web` に追加してください: { $line }
probes-too-many = すでに上限の { $most } 件を確認しています
probe-not-complete = 確認が制限時間内に終わりませんでした。
addresses-not-allowed = この名前のアドレスは、どれも確認が許可されていません
config-probe-target = `kms01.corp.example`、`*.corp.example`、`192.0.2.1`、`[2001:db8::1]:1688` のようなホストではありません
