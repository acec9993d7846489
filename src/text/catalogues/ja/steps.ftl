### 対処: 管理者が行う手順。コマンドは ` で囲みます。

## 経路が復旧した後

step-activate = 復旧後、ライセンス認証が切れているクライアントで `slmgr /ato` を実行する (ほかのクライアントは自動的に更新されます)
step-by-phone = 復旧するまでの間、MAK またはリテール キーを使うコンピューターは電話でライセンス認証する: `slui 4`。GUI がない場合は、`slmgr /dti` で表示されるインストール ID を電話で伝え、受け取った確認 ID を `slmgr /atp CONFIRMATION-ID` で入力する
step-by-proxy = インターネットに接続できないコンピューターについては、接続できる別のコンピューターの VAMT からプロキシ ライセンス認証を行う: 対象を選択し、`Activate`、`Proxy activate` の順に選択する

## 経路を判定できない場合

step-local-fault = 経路ではなく、測定しているコンピューターを調べる。不足しているものは、失敗した段階の詳細に表示されます
step-local-descriptors = ファイル ディスクリプターが足りない場合: サービスの `LimitNOFILE=` を上げるか、`probe.concurrency` を下げる
step-local-permission = 宛先へのルートがない、アクセス権がない、ネーム サーバーが未設定、メモリ不足のいずれかの場合は、解消した後、そのコンピューターで `gracewatch check` を実行する
step-restart-monitor = 再起動する: `systemctl restart gracewatch`
step-report-monitor = エラーのログを開発元に報告する: `journalctl --unit gracewatch --priority err`

## DNS の応答

step-ask-nameserver = ネーム サーバーに直接問い合わせる: `{ $command }`
step-publish-record = KMS ホストでレコードを再登録する: `slmgr /sdns` の後に `Restart-Service sppsvc`。成功するとイベント ID 12294、失敗すると理由がイベント ID 12293 に記録されます
step-name-host = SRV レコードが登録されていない KMS ホストがある場合は、当面クライアントで指定する: `slmgr /skms { $host }:1688`
step-no-kms-host = KMS ホストがない場合、クライアントには MAK が必要です: `slmgr /ipk KEY`
step-delete-absence = { $name } のレコードのターゲットが "." で、KMS ホストがないことを示しています。誤りであれば削除する
step-correct-record = { $name } のレコードを修正する。ホスト名とポートが必要です
step-correct-port = { $name } にある { $target } の SRV レコードを修正する。ポートが 0 です。KMS ホストのポートは 1688 です
step-delete-contradiction = { $name } からターゲットが "." のレコードを削除する。KMS がないと宣言していますが、ほかのレコードはホストを指しています
step-add-domain = { $name } にある { $target } の SRV レコードを修正する。ホスト名にはドメイン名が必要です
step-name-for-address = { $name } の SRV レコードを修正する。{ $target } の代わりに、そのホストの名前が必要です
step-open-dns-tcp = { $server } への TCP { $port } を許可する。応答が UDP には長すぎます
step-check-zone = { $server } で、ゾーンが読み込まれていることと、フォワーダーが応答することを確認する
step-check-dns-service = { $server } で DNS サービスが動作し、UDP と TCP の { $port } が開いていることを確認する
step-unexpected-host = { $host } の管理者を調べる。自社の KMS ホストでなければ SRV レコードを削除し、自社のものなら `expected_hosts` に追加する
step-unexpected-again = レコードが再び登録される場合は、そのホストの管理者に自動登録の停止を依頼する。そのホストで `slmgr /cdns` を実行します
step-missing-host = { $host } でレコードを再登録する: `slmgr /sdns` の後に `Restart-Service sppsvc`。失敗すると理由がイベント 12293 に記録されます
step-allow-publishing = ゾーン { $domain } で、{ $host } のコンピューター アカウントに `_vlmcs._tcp` への書き込みを許可し、セキュリティで保護された動的更新を有効にする
step-record-by-hand = または手動でレコードを作る: `Add-DnsServerResourceRecord -Srv -ZoneName { $domain } -Name _vlmcs._tcp -DomainName { $host } -Priority 0 -Weight 0 -Port 1688`
step-turn-on-publishing = { $host } で DNS への自動登録を有効にする: `slmgr /sdns` の後に `Restart-Service sppsvc`。成功するとイベント 12294 が記録されます
step-see-lack = { $server } に { $names } がない理由を調べる: `{ $command }`。キャッシュ専用サーバーの場合は、キャッシュをクリアする: `Clear-DnsServerCache`
step-compare-nameservers = `{ $one }` と `{ $two }` を比較する。同じゾーンであれば、正しいレコードがあるドメイン コントローラーからレプリケートする: `repadmin /syncall /AdeP`
step-whose-host = { $host } が自社の KMS ホストかどうかを調べる。違う場合はレコードを削除する
step-allow-host = 自社のものなら、経路の `kms` で許可する: `{ $line }`
step-delete-records = 廃止したホストのレコードを削除する。監視するのは、クライアントが優先する順に応答ごとに { $most } 件です
step-delete-addresses = 使われていないアドレスを削除する。監視するのはホストごとに { $most } 件です

## KMS ホスト

step-look-up = 名前を直接調べる: `nslookup { $host }`
step-correct-alias = { $host } のエイリアス (CNAME) をホスト (A/AAAA) レコードに置き換える。`nslookup -type=cname { $host }` で、{ $alias } を指していることを確認できます
step-or-add-address = エイリアスが正しい場合は、代わりに { $host } のホスト (A/AAAA) レコードをゾーンに追加する
step-remove-address = { $host } のホスト (A/AAAA) レコードから { $address } を削除するか、そのアドレスへの TCP { $port } を許可する
step-see-up = { $host } が起動していることを確認する (サインインする、またはハイパーバイザーの管理画面を見る)
step-test-elsewhere = 別のネットワークから `Test-NetConnection { $host } -Port { $port }` を実行する。成功する場合は、このコンピューターと { $host } の間のファイアウォールが原因の可能性があります
step-same-for-others = { $names } でも同じ手順を行う
step-add-address = { $host } のホスト (A/AAAA) レコードをゾーンに追加する
step-check-nameservers = ネーム サーバーが動作し、{ $host } のゾーンに応答することを確認する
step-test-port = クライアントから接続できるかを確認する: `Test-NetConnection { $host } -Port { $port }`
step-restart-kms = 待ち受けていない場合: { $host } で `slmgr /dlv` を実行して KMS ホストであることを確認し、サービスを再起動する: `Restart-Service sppsvc`
step-see-listening = { $host } で待ち受けを確認する: `Get-NetTCPConnection -State Listen -LocalPort { $port }`
step-open-firewall = { $host } のファイアウォールがポートを遮断している場合は、受信を許可する: `Enable-NetFirewallRule -Name SPPSVC-In-TCP`
step-open-firewall-port = { $host } のファイアウォールがポートを遮断している場合は、受信を許可する: `New-NetFirewallRule -DisplayName KMS -Direction Inbound -Protocol TCP -LocalPort { $port } -Action Allow`
step-open-between = このネットワークから { $host } への TCP { $port } を、途中のファイアウォールで許可する
step-check-route = このネットワークから { $host } へのルートを確認する: `tracert { $host }`
step-check-prohibition = 途中のファイアウォールが { $host } への TCP { $port } を禁止していないことを確認する
step-see-listener = { $host } で待ち受けているプロセスを確認する: `Get-Process -Id (Get-NetTCPConnection -LocalPort { $port }).OwningProcess`
step-no-stand-in = プロキシやロード バランサーが代わりに応答していないことを確認する
step-check-role = { $host } が KMS ホストであることを確認する: `slmgr /dlv` でキー、カウント、ポートが表示されます
step-restart-service = { $host } でサービスを再起動する: `Restart-Service sppsvc`
step-check-inspection = 通信を検査するファイアウォールが { $host } のポート { $port } への RPC を切断していないことを確認する
step-compare-port = { $found ->
    [dns] SRV レコードのポートと { $host } が待ち受けているポートを比べ、レコードを修正する
   *[configured] 設定したポートと { $host } が待ち受けているポートを比べる
}
step-retired = { $found ->
    [dns] { $host } が廃止済みの場合は、{ $host } を指す SRV レコードだけを削除する
   *[configured] { $other ->
        [none] { $host } が廃止済みであれば、クライアントで DNS による検出に戻す: `slmgr /ckms`
       *[known] { $host } が廃止済みであれば、クライアントで別のホストを指定する (`slmgr /skms { $other }`) か、DNS による検出に戻す (`slmgr /ckms`)
    }
}
step-see-host-key = { $application ->
    [windows] { $host } で KMS ホスト キー (チャネル VOLUME_KMS) の状態を確認する: `slmgr /dlv`
   *[other] { $host } で Office の KMS ホスト キーの状態とライセンス認証 ID を確認する: `slmgr /dlv all`
}
step-activate-host = { $application ->
    [windows] { $host } を再びライセンス認証する: `slmgr /ato`、電話の場合は `slui 4`
   *[other] { $host } でそのキーを再びライセンス認証する: `slmgr /ato ACTIVATION-ID`
}
step-install-host-key = キーが置き換えられた、または使い切られた場合は、KMS ホスト キーを再インストールする: `slmgr /ipk KEY` の後に `slmgr /ato`。1 つのキーは 6 台のホストで、それぞれ 10 回まで使えます
step-see-asked-host = クライアントで、`slmgr /dlv` により使用中の KMS ホストを確認し、`slmgr /ato` ですぐに要求を送る
step-see-requests = { $host } で最近の要求 (イベント 12290) を確認する: `Get-WinEvent -LogName 'Key Management Service' -MaxEvents 5`
step-stop-publishing = クライアントに意図して別のホストを使わせている場合は、{ $host } で DNS への登録を止める: `slmgr /cdns`
step-see-start-events = { $host } で原因をイベント 12291 と 12292 で確認する: `wevtutil qe "Key Management Service" /c:20 /rd:true /f:text`
step-see-count = { $application ->
    [windows] { $host } で: `slmgr /dlv` で現在のカウント (過去 30 日間の異なるクライアントの数) を確認する
   *[other] { $host } で: `slmgr /dlv all` で、Office の KMS ホスト キーの現在のカウント (過去 30 日間の異なるクライアントの数) を確認する
}
step-cloned = `sysprep /generalize` なしで 1 つのイメージから複製したクライアントは、クライアント コンピューター ID (CMID) を共有し、1 台として数えられます。`slmgr /dlv` で比べ、複製したクライアントで `slmgr /rearm` を実行する
step-too-few = Windows クライアントが 25 台、サーバーまたは Office が 5 台に満たない場合、KMS ではライセンス認証されません。MAK (`slmgr /ipk KEY`) または Active Directory によるライセンス認証を使う

## 時計

step-which-clock = どちらの時計が誤っているかを、{ $host } とこのコンピューターで確認する: { step-compare-clock }
step-compare-clock = `w32tm /stripchart /computer:DC /samples:3 /dataonly` (DC はドメイン コントローラー)、Linux では `chronyc tracking`
step-see-own-clock = このコンピューターの時計のずれを確認する: { step-compare-clock }
step-set-own-clock = このコンピューターの時刻を合わせる: `w32tm /resync /rediscover`、Linux では `chronyc makestep`
step-see-client-source = クライアントで時刻の同期元を確認する: `w32tm /query /source`。KMS ホストと同じ時刻である必要があります
step-see-client-clock = クライアントで時計を確認する: `w32tm /query /status`。時計が誤っていると、有効な証明書も有効と判定されません
step-name-time-servers = 正しい時刻を知るため、`clock.ntp` にタイム サーバーを指定する
step-who-is-right = { $server } とほかのタイム サーバーのどちらが正しいかを、別系統の時計と比べて確認する
step-name-right-servers = `clock.ntp` に正しいタイム サーバーを、異なる系統から 3 台以上指定する
step-set-if-wrong = { $server } が誤っている場合にのみ、このコンピューターの時刻を合わせる: `w32tm /resync /rediscover`、または `chronyc makestep`
step-see-time-source = { $host } で時刻の同期元を確認する: `w32tm /query /status`。その後 `w32tm /resync /rediscover`
step-set-time-source = 同期元が `Local CMOS Clock` または `Free-running System Clock` の場合: { $host } で `w32tm /config /syncfromflags:domhier /update` と `Restart-Service w32time` を実行する。PDC エミュレーターでは、代わりにタイム サーバーを指定する
step-hypervisor = { $host } が仮想マシンの場合は、ハイパーバイザーの時刻が正しいことを確認する
step-same-on-host = KMS ホストの時計が誤っている場合は、KMS ホストでも同じ手順を行う

## ときどき失敗する場合

step-several-nameservers = { $server } が複数のネーム サーバーの代表である場合は、1 台ずつ問い合わせる
step-nameserver-load = { $server } で、負荷と、問い合わせの頻度を制限していないかを確認する
step-lost-packets = このネットワークと { $host } の間のパケット損失を調べる: `pathping { $host }`
step-overloaded = { $host } で、過負荷でないか、`sppsvc` が再起動していないかを確認する
step-balancer = ロード バランサーが { $host } として応答している場合は、配下を 1 台ずつ試し、停止しているものを外す
step-test-again = クライアントで繰り返し試し、失敗の頻度を確認する: `1..10 | ForEach-Object { "{" } Test-NetConnection { $host } -Port { $port } { "}" }`

## エンドポイントとプロキシ

step-correct-proxy-name = プロキシの名前を修正するか、{ $host } をゾーンに追加する
step-resolve-internet = ネーム サーバーでインターネットの名前を解決できるようにする: フォワーダーとルート ヒントを確認する
step-resolve-by-proxy = インターネットの名前をプロキシだけが解決する場合は、そのプロキシを設定する: `netsh winhttp set proxy { $proxy }`
step-open-to-endpoint = このネットワークから { $host } への TCP { $port } をファイアウォールで許可する
step-set-proxy = プロキシ経由でのみインターネットに接続できる場合は、ライセンス認証が使うプロキシを確認する: `netsh winhttp show proxy`。設定は `netsh winhttp set proxy { $proxy }`
step-show-proxy = クライアントで、`netsh winhttp show proxy` によりライセンス認証が使うプロキシを確認する。ユーザーではなくコンピューターの設定です
step-renewal = { $host } の管理者が期限までに証明書を更新することを確認する
step-invalid-certificate = 証明書そのものが有効ではありません。{ $host } として応答しているものを調べる
step-invalid-if-clock-right = 時計が正しければ、証明書が有効ではありません。{ $host } として応答しているものを調べる
step-exempt = { $proxy ->
    [none] TLS を検査するファイアウォールまたはプロキシで、{ $host } を検査の対象から外す
   *[other] { $proxy } と、TLS を検査するその他の機器で、{ $host } を検査の対象から外す
}
step-exempt-others = その他のライセンス認証用エンドポイントも対象から外す
step-send-intermediate = { $host } の管理者に、証明書とともに中間証明書を送信するよう依頼する。Windows は、可能であれば自動的に取得します
step-see-chain = 送信される内容を確認する: 証明書を保存し、`certutil -urlfetch -verify FILE.cer` を実行する
step-replace-certificate = SHA-256 と 2048 ビット以上の RSA キーを使う証明書に置き換える。TLS を検査する機器が発行した場合は、その機器で再発行する
step-test-by-windows = Windows クライアントで、`{ windows-curl }` により Windows から接続できるかを確認する (Windows の TLS が使われます)
step-allow-ciphers = { $host } またはその代わりに応答している機器で、TLS 1.3、または ECDHE と AES-GCM の組み合わせを許可する
step-fetch-roots = クライアントで、`certutil -generateSSTFromWU roots.sst` により Microsoft のルート証明書を取得する。古い一覧には新しいルートがありません
step-name-authority = 発行元が自社の正規の証明機関であれば、`ca_file` に指定する
step-who-answers = { $host } として応答しているものを調べる: `nslookup { $host }`
step-enable-tls = 古いクライアントで、`DefaultSecureProtocols` (0x800) により WinHTTP の TLS 1.2 を有効にし、それに対応する更新プログラムを適用する
step-tls-firewall = 名前または分類によって { $host } への TLS を切断するファイアウォールを探す
step-block-page = { $host } で { $endpoint } への CONNECT を許可する。ブロック ページには、拒否した規則またはカテゴリが示されます
step-portal = このネットワークのポータルにサインインするか、このコンピューターを対象から外す
step-filter = フィルターが { $host } の代わりに応答している場合は、そのフィルターで { $host } を許可する
step-let-through = 途中のプロキシで、{ $host } を資格情報なしで通す
step-try-later = 後で再試行する: { $host } またはその手前の機器が、現在は処理できないと応答しています
step-ask-proxy-owner = このネットワークだけの現象であれば、プロキシの管理者に確認する
step-why-rejected = { $host } が接続を終了する理由を調べる
step-no-client-certificate = { $host } またはその代わりに応答している機器で、ライセンス認証のクライアントをクライアント証明書なしで許可する
step-test-signature = Windows クライアントで、`{ windows-curl }` により Windows がこの証明書を受け入れるかを確認する
windows-curl = { $proxy ->
    [none] curl.exe -sv https://{ $host }/
   *[other] curl.exe -sv -x { $proxy } https://{ $host }/
}
step-common-signature = 自社の証明機関の場合は、RSA または ECDSA (P-256、P-384) のキーと SHA-256 以上の署名アルゴリズムで再発行する
step-hop = { $host } の代わりに応答している機器を探す
step-http-firewall = { $host } への接続は許可し、HTTP の通信を許可しないファイアウォールまたはプロキシを探す
step-proxy-service = { $host } でプロキシ サービスが動作し、ポート { $port } で待ち受けていることを確認する
step-compare-proxy = { $proxy } を、ネットワーク担当の案内と比べる。{ step-show-proxy }
step-open-to-proxy = このネットワークからプロキシ { $host } への TCP { $port } を、途中のファイアウォールで許可する
step-allow-connect = { $host } で、{ $endpoint } と、その他のライセンス認証用エンドポイント (443 と 80) への CONNECT を許可する
step-proxy-log = 拒否した規則は { $host } のログに記録されています
step-proxy-connects = { $proxy } で { $host } の名前を解決し、ポート { $port } に接続できるかを確認する
step-open-from-proxy = { $proxy } からインターネットへの TCP { $port } を許可する
step-proxy-by-name = プロキシを { $host } ではなく証明書の名前で指定するか、{ $host } の証明書を用意する
step-proxy-authority = プロキシ { $host } の証明機関が自社のものであれば、`ca_file` に指定する
step-proxy-certificate = プロキシ { $host } の証明書を更新する
step-own-clock-right = このコンピューターの時計が正しいことを確認する
step-compare-proxy-kind = { $proxy } を、ネットワーク担当の案内 (ホスト、ポート、HTTP か SOCKS か) と比べる
step-proxy-overloaded = { $host } のプロキシが過負荷でないかと、そのログを確認する
step-no-login = { $host } で、{ $endpoint } と、その他のライセンス認証用エンドポイントを認証なしで許可する
step-bypass = それができない場合は、プロキシを経由せず直接接続するよう設定する: `netsh winhttp set proxy { $proxy } bypass-list="*.microsoft.com;*.live.com;*.digicert.com;*.windowsupdate.com"`。bypass-list の宛先への TCP 443 と 80 を許可する。現在の設定 (`netsh winhttp show proxy`) は上書きされます
step-correct-password = ここで設定したプロキシのユーザー名とパスワードを修正する
step-beyond-login = プロキシ認証の先にある問題も解決する。ここで設定した資格情報での結果: { $seen }
step-only-login = 参考: このプロキシ経由でも、Gracewatch に設定した資格情報を使うと { $endpoint } に到達できます

## コンピューター

step-from-there = これらのコンピューターは別のネットワークにある可能性があります。そのネットワークで `gracewatch check` を実行し、結果を確認する
step-ask-there = { $machine } で: `nslookup -type=srv _vlmcs._tcp{ $of_domain }` で、使用しているネーム サーバーの応答を確認する
step-compare-nameservers-there = { $machine } で: `ipconfig /all` でネーム サーバーとドメインを確認し、ここで使っているものと比べる
step-see-host-there = { $machine } で: `slmgr /dlv` で使用中の KMS ホストを確認する。手動で設定した名前は `slmgr /ckms` で削除できます
step-test-there = { $machine } で: `Test-NetConnection { $host } -Port { $port }`
step-open-from-there = これらのコンピューターのネットワークから KMS ホストへの TCP 1688 を、途中とホストのファイアウォールで許可する
step-activate-there = その後、{ $machine } で `slmgr /ato` を実行する
step-clock-there = { $machine } で: `w32tm /query /status` で時計を確認し、`w32tm /resync` で合わせる
step-inspecting-proxy-there = { $machine } で: `netsh winhttp show proxy` でライセンス認証が使うプロキシを確認する。TLS を検査している可能性があります
step-proxy-there = { $machine } で: `netsh winhttp show proxy` でライセンス認証が使うプロキシを確認する
step-endpoint-there = { $machine } で: `Test-NetConnection activation.sls.microsoft.com -Port 443`
step-find-silent = { $machine } の電源とネットワーク接続を確認する ({ $day } から報告なし)。廃止済みの場合は、アカウントと収集の設定を削除する
step-try-there = { $machine } で: `slmgr /ato` で再試行し、失敗した場合に表示されるコードを確認する
step-events-there = { $machine } で最近の試行を確認する: `Get-WinEvent -FilterHashtable @{ "{" }LogName='Application'; Id=12288,12289,8198{ "}" } -MaxEvents 5`。コードの意味は `gracewatch explain CODE` で確認できます
step-service-there = { $machine } で: `Restart-Service sppsvc`。`SoftwareProtectionPlatform` のタスクが有効であることも確認する
step-explain = { $code } の原因とすべての手順を確認する: `gracewatch explain { $code }` ({ $machine } が報告)
step-rearm-clones = { $machine } など、ID ごとに 1 台を除く全台で: `slmgr /rearm` を実行して再起動する。新しいクライアント コンピューター ID (CMID) は `slmgr /dlv` で確認できます
step-generalize = 次にイメージを作成する前に: `sysprep /generalize`
step-phone-there = { $machine } を電話でライセンス認証する: `slui 4`、または `slmgr /dti` でインストール ID を表示し、`slmgr /atp CONFIRMATION-ID` で確認 ID を入力する
step-make-kms-client = KMS クライアントにする場合: Microsoft がエディションごとに公開しているキー (GVLK) で `slmgr /ipk KEY` を実行した後、`slmgr /ato`
step-right-key = { $machine } で: インストールされているエディション用に Microsoft が公開しているキー (GVLK) で `slmgr /ipk KEY` を実行した後、`slmgr /ato`
step-change-edition = { $product } を { $edition } に変更する場合、サーバーでは `dism /online /get-targeteditions` の後に `dism /online /set-edition:EDITION /productkey:KEY /accepteula`、クライアントでは `changepk.exe /productkey KEY` を実行する
step-rearm-evaluation = { $machine } の評価期間を延長する: `slmgr /dlv` で「残りの Windows 猶予期限リセット可能回数」を確認し、1 以上であれば `slmgr /rearm` を実行して再起動する
step-full-server = サーバーを製品版に変換する: `dism /online /get-targeteditions` の後に `dism /online /set-edition:EDITION /productkey:KEY /accepteula`。ドメイン コントローラーは変換できないため、先に別のドメイン コントローラーへ役割を移して降格する
step-full-client = クライアントの評価版は製品版に変換できません。データを保存して製品版をインストールし直す
