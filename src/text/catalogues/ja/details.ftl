### 各段階で観測したこと。レポートの各行に表示します。ほかのプログラムの言葉は「」で囲みます。
### メッセージの一覧と変数は en と同じです。

details-joined = { $one }、{ $two }

## このコンピューター: システムやネットワークに足りないもの

system-descriptors = 開いているファイルが多すぎます
system-memory = このコンピューターのメモリが足りません
system-route-discards = このコンピューターのルートが、宛先への通信を破棄します
system-buffers = このコンピューターのネットワーク用バッファーが足りません
system-permission = このコンピューターで許可されていません
system-no-address = このコンピューターに空きポートがないか、接続元のアドレスがなくなりました
system-network-down = このコンピューターのネットワークが停止しています
system-error = このコンピューターのシステムのエラー:「{ $error }」
own-no-link = このコンピューターのインターフェイス { $interface } がリンクしていません
own-no-route = このコンピューターから { $address } へのルートがありません
own-pause = 応答を待つ間、このプログラムが停止していたか、プロセッサ時間を得られませんでした
own-firewall = このコンピューターのファイアウォールが接続を禁止しています
hosts-file-unread = hosts ファイルを読み取れません ({ $why })
no-trust = この経路で TLS が信頼する証明機関が分かりません

## 接続

connected = 接続しました
connected-without-proxy = 接続しました (システムはこのホストにプロキシを指定していません)
no-answer-within = { $span }以内に応答がありません
no-answer-in-time = 時間内に応答がありません
connection-refused = 接続が拒否されました
connection-reset = 接続がリセットされました
connection-reset-early = 接続中にリセットされました
connection-given-up = システムが接続を断念しました
connection-timed-out = 接続がタイムアウトしました
connection-prohibited = ネットワーク機器の設定で禁止されています
host-unreachable = ホストに到達できません
network-unreachable = ネットワークに到達できません
no-connection = 接続がありません
reset-before = { $awaited ->
    [bind] バインドへの応答の前に接続がリセットされました
    [time] 時刻の応答の前に接続がリセットされました
   *[answer] 応答の前に接続がリセットされました
}
unreachable-before = { $awaited ->
    [bind] バインドへの応答の前にホストに到達できなくなりました
    [time] 時刻の応答の前にホストに到達できなくなりました
   *[answer] 応答の前にホストに到達できなくなりました
}
closed-without-answer = 応答せずに接続を閉じました
closed-within-answer = 応答の途中で接続を閉じました
closed-after = 応答の { $count } バイト目で接続を閉じました

## srv、address: ネーム サーバーと名前

hosts-found = ホスト { $count } 台
hosts-found-of-more = ホスト { $count } 台 (うち { $more } 台は対象外)
no-srv-record = 応答に SRV レコードがありません
no-service = レコードのターゲットが「.」です。KMS ホストがないことを示しています
unusable-record = レコードは「{ $target }」のポート { $port } を指していますが、クライアントは接続できません
addresses-found = アドレス { $count } 個
addresses-found-of-more = アドレス { $count } 個 (うち { $more } 個は対象外)
addresses-completed = { $name } の{ $found }
addresses-missed = { $found }。ほかにもある可能性があります ({ $why })
no-address-record = 応答にアドレスがありません
name-without-address = この名前にはアドレスがありません
of-host = { $host }: { $seen }
no-nameserver = このコンピューターにネーム サーバーが設定されていません
nameserver-silent = ネーム サーバー { $server } から応答がありません
nameserver-fault = ネーム サーバー { $server }: { $why }
nameserver-no-name = { $server } にこの名前はありません
nameserver-no-records = { $server } のこの名前に該当するレコードはありません
nameserver-answers = ネーム サーバー { $server } の応答は { $code } です
nameserver-malformed = ネーム サーバー { $server } の応答が正しくありません:「{ $error }」
nameserver-cut-off = ネーム サーバー { $server } の応答が UDP には長すぎ、TCP では得られません
nameserver-cut-off-without-edns = ネーム サーバー { $server } の応答が、EDNS を使わないクライアントの上限 512 バイトを超え、TCP では得られません
too-many-aliases = エイリアスが { $count } 個を超えて連なっています
name-of-this-machine = この名前はこのコンピューター自身を指します
name-not-askable = この名前は DNS に問い合わせできません:「{ $error }」

## rpc

kms-served-ndr32 = KMS インターフェイスあり (NDR32)
kms-served-ndr64 = KMS インターフェイスあり (NDR64)
kms-served-features = KMS インターフェイスあり (機能ネゴシエーション)
bind-silent = { $span }以内にバインドへの応答がありません
bind-closed = バインドに応答せずに接続を閉じました
bind-refused = バインドが拒否されました ({ $why })
bind-overload = バインドが拒否されました (サーバーの上限を超過)
nak-reason = { $code ->
    [0] 理由の指定なし
    [1] 一時的な混雑
    [2] サーバーの上限を超過
    [4] 対応していないプロトコル バージョン
    [8] 認識されない認証の種類
    [9] チェックサムが不正
   *[other] 理由 { $code }
}
no-kms-interface = KMS インターフェイスのない RPC サーバーです ({ $answer })
context-accepted = 承認
context-negotiated = 機能をネゴシエート
context-rejected = { $reason ->
    [1] { $by } による拒否、抽象構文に未対応
    [2] { $by } による拒否、転送構文に未対応
    [3] { $by } による拒否、サーバーの上限を超過
   *[other] { $by } による拒否、理由 { $reason }
}
not-rpc = RPC の応答ではありません ({ $why }):「{ $received }」
rpc-version = RPC バージョン 5 で始まっていません
rpc-packet = PDU の種類 { $kind } はバインドへの応答ではありません
rpc-call = 別の呼び出しへの応答です
rpc-fragment = 分割された応答の一部です
rpc-length = 長さが { $bytes } バイトと示されています
rpc-short = メッセージが途中で終わっています
rpc-trailing = 最後のフィールドの後に { $bytes } バイト余っています
rpc-contexts = 3 個のコンテキストに対して { $count } 個の応答があります

## clock

stratum = ストラタム { $stratum }
falseticker = 時刻が不正確です (ほかの多くのサーバーと一致しません)
time-impossible = あり得ない日付 { $day } を返しています。このプログラムのリリースは { $released } です
time-server-silent = タイム サーバーから応答がありません
time-server-not-asked = 問い合わせる時間が残っていません
time-server-no-address = タイム サーバーのアドレスがありません
time-server-no-route = タイム サーバーへのルートがありません
time-server-closed = タイム サーバーのポートで待ち受けているものがありません
time-server-unreachable = タイム サーバーに到達できません
time-server-unsynchronized = タイム サーバー自体が同期していません
time-server-rate = タイム サーバーが問い合わせを減らすよう求めています (RATE)
time-server-denies = タイム サーバーがこのコンピューターへの応答を拒否しています (DENY または RSTR)。再読み込みまたは再起動まで問い合わせません
time-server-code = タイム サーバーが時刻の代わりにコードを返しました (「{ $code }」)
time-server-too-distant = タイム サーバーの時刻またはその測定の誤差が 16 秒以上です
time-server-kept = { $why }。表示しているのは前回の応答です
ntp-backward = 応答が矛盾しています。参照時刻が送信時刻より後です
ntp-origin = 問い合わせに対応しない応答です
ntp-mode = タイム サーバーの応答ではありません
ntp-version = NTP の別のバージョンの応答です
ntp-short = NTP の応答として短すぎます
ntp-no-time = 応答に時刻がありません
ntp-unusable = 使用できない応答です
clock-way = { $way }: { $why }
clock-answer-endless = 応答が終わりません
clock-closed = 時刻を応答せずに接続を閉じました
answer-ends-early = 応答が途中で終わっています
time-out-of-range = 応答の時刻が時計の範囲外です
time-not-utc = 時刻が UTC の形式ではありません
not-smb = SMB に対応していません
not-smb2 = SMB2 に対応していません
smb1-alone = SMB 1 にしか対応していません
smb2-short = SMB2 の応答が途中で終わっています
smb2-other-answer = SMB2 NEGOTIATE への応答ではありません
smb2-status = サーバーの応答は SMB2 状態 { $status } です
smb2-no-time = SMB2 の応答に時刻がありません
not-ldap = LDAP に対応していません
ldap-result = サーバーの応答は LDAP 結果コード { $code } です
ldap-no-time = ディレクトリに currentTime がありません。ドメイン コントローラーではありません
not-kerberos = Kerberos に対応していません
http-date-malformed = HTTP 応答の Date が 1970 年から 9999 年までの日付ではありません
http-date-missing = HTTP 応答に Date がありません
http-date-cached = 途中のキャッシュがホストの代わりに応答しています

## host と count: KMS ホストとクライアントの報告

host-licensed = { $host } 自体はライセンス認証されています
host-unlicensed-code = { $host } 自体のライセンスの状態は「{ $status }」({ $code }) です

## tls

tls-agreed = { $version }、発行者 { $issuer }、有効期限 { $day }
no-handshake-in-time = 時間内にハンドシェイクが完了しません
reset-in-handshake = ハンドシェイクの途中で接続がリセットされました
closed-in-handshake = ハンドシェイクの途中で接続が閉じられました
tls-too-old = サーバーが TLS 1.2 にも TLS 1.3 にも対応していません
tls-nothing-common = 双方が対応する方式がありません:「{ $error }」
not-tls = 応答が TLS ではありません
tls-broken = TLS に失敗しました:「{ $error }」
tls-alert = サーバーがアラート { $alert } で TLS を終了しました
tls-alert-number = サーバーがアラート番号 { $number } で TLS を終了しました
certificate-name-impossible = 名前 { $name } の証明書は発行できません
certificate-unreadable = チェーンの証明書を読み取れません
certificate-missing = サーバーが証明書を提示しません
chain-elsewhere = 証明書チェーンのルートが { $expected } ではなく「{ $issuer }」です
chain-untrusted = 証明書チェーンの終端「{ $issuer }」はここで信頼されていません
chain-self-signed = 「{ $issuer }」は自己署名で、ここで信頼されていません
chain-unreadable = 証明書チェーンを読み取れません:「{ $error }」
chain-bad-signature = 証明書チェーンの署名が正しくありません
chain-signature-kind = 証明書チェーンの署名の種類はここで受け付けられません
chain-purpose = サーバー用の証明書ではありません
chain-extension = 証明書チェーンに、ここで認識できないクリティカル拡張があります
chain-revoked = チェーンの証明書が失効しています
chain-invalid = 証明書チェーンが有効ではありません:「{ $error }」
certificate-ended = { $name } の証明書の有効期限は { $day } に切れました
certificate-not-yet = { $name } の証明書は { $day } まで有効になりません
certificate-ended-unknown = チェーンを構成する証明書の有効期限が切れています
certificate-not-yet-unknown = チェーンを構成する証明書がまだ有効ではありません
certificate-other-name = 証明書は { $name } ではなく { $other } のものです
certificate-other-names = 証明書は { $name } ではなく { $other } ほか { $more } 件のものです
certificate-sha1 = { $subject } の証明書は SHA-1 で署名されています
certificate-weak-key = { $subject } の RSA キーは { $bits } ビットです

## http

http-answer = { $answer }
http-redirect = { $answer }、転送先 { $location }
http-strange-redirect = { $answer }、転送先 { $location } (エンドポイントはそこへ転送しません)
http-strange-page = { $answer }、ページ付き (エンドポイントはページを返しません)
http-wants-certificate = { $answer }。ページには、クライアントから証明書が送信されなかったことが示されています
http-unknown-proxy = { $answer } (設定にないプロキシの応答)
http-network-login = { $answer } (ネットワーク自体の応答)
http-unavailable = エンドポイントの応答は { $answer } です
http-no-whole-answer = 時間内に応答が完了しません
not-http = HTTP に対応していません
not-http-but = HTTP に対応していません:「{ $received }」
http-head-malformed = 応答のヘッダーが正しくありません
http-head-fields = 応答のヘッダー フィールドが 128 個を超えています
http-head-long = 応答のヘッダーが 64 KiB を超えています
http-interim-endless = 途中経過の応答が終わりません
http-refusal-long = 拒否のページが 256 KiB を超えています
http-chunk-malformed = 応答のチャンクに長さがありません

## proxy

proxy-silent = 時間内にプロキシから応答がありません
proxy-tls = プロキシとの TLS 接続: { $why }
proxy-again = 認証のための再接続: { $why }
proxy-forwards = 要求を転送します
proxy-forwards-login = { $scheme } の資格情報で要求を転送します
proxy-tunnels = トンネルを開きます
proxy-tunnels-login = { $scheme } の資格情報でトンネルを開きます
proxy-tunnels-password = ユーザー名とパスワードでトンネルを開きます
proxy-answers = プロキシの応答は { $answer } です
proxy-answers-why = プロキシの応答は { $answer } ({ $error }) です
proxy-redirects = プロキシの応答は { $answer }、転送先 { $location } です
proxy-offers-nothing = プロキシの応答は { $answer } で、認証方式の提示がありません
proxy-takes = プロキシの応答は { $answer } で、{ $schemes } を受け付けます
proxy-takes-others = { $demand }。資格情報は { $scheme } 用です
proxy-takes-unbuilt = { $demand }。資格情報は { $scheme } 用です。Negotiate と NTLM には `--features proxy-auth` 付きのビルドが必要です
proxy-rejects-login = 資格情報に対するプロキシの応答は { $answer } です
proxy-closes-login = プロキシが認証の途中で接続を閉じました
proxy-login-endless = 認証が終わりません
proxy-scheme-unbuilt = このビルドは { $scheme } に対応していません
proxy-challenge-malformed = プロキシの { $scheme } のチャレンジが base64 ではありません
socks-version = SOCKS5 に対応していません。応答が 5 ではなく { $version } で始まっています
socks-method = 提示していない認証方式 { $method } が選ばれました
socks-address-kind = 応答に存在しないアドレスの種類 { $kind } があります
socks-no-password = プロキシは認証を要求し、ユーザー名とパスワードを受け付けません
socks-demands-password = プロキシがユーザー名とパスワードを要求しています
socks-rejects-password = プロキシがこのユーザー名とパスワードを受け付けません
socks-password-long = このユーザー名とパスワードは SOCKS には長すぎます
socks-name-long = エンドポイントの名前は SOCKS には長すぎます
socks-reply = { $code ->
    [1] プロキシの応答コードは { $code } です (一般的な失敗)
    [2] プロキシの応答コードは { $code } です (規則で禁止)
    [3] プロキシの応答コードは { $code } です (ネットワークに到達できない)
    [4] プロキシの応答コードは { $code } です (ホストに到達できない)
    [5] プロキシの応答コードは { $code } です (接続拒否)
    [6] プロキシの応答コードは { $code } です (TTL の期限切れ)
    [7] プロキシの応答コードは { $code } です (未対応のコマンド)
    [8] プロキシの応答コードは { $code } です (未対応のアドレスの種類)
   *[other] プロキシの応答コードは { $code } です (未定義)
}
login-demanded = プロキシが認証を要求しています ({ $why })
login-refused = プロキシが資格情報を受け付けません
login-no-realm = Kerberos には { $user } の領域が必要です。ユーザーを user@REALM の形式で指定してください
login-kdc-malformed = { $kdc } は KDC のアドレスではありません。host:port の形式で指定してください
login-no-kdc = { $realm } の KDC が分かりません。ここまたは krb5.conf で指定してください
login-kdc-unreachable = KDC { $kdc } に到達できません ({ $why })
login-kdc-tcp = TCP にのみ対応しています
login-kdc-silent = KDC { $kdc } が時間内に応答しません
login-kdc-invalid = KDC { $kdc } の応答が正しくありません ({ $why })
login-kdc-foreign = Kerberos ではないか、長すぎます
login-no-user = KDC にユーザー { $user } がありません
login-wrong-password = { $user } のパスワードが違います
login-expired-password = { $user } のパスワードの有効期限が切れています
login-locked = { $user } のアカウントはロックアウトされているか、無効か、現在使用できません
login-no-service = KDC にサービス { $service } がありません。ここで設定した名前でプロキシを登録してください
login-wrong-realm = この KDC は領域 { $realm } を担当していません
login-skewed = このコンピューターと KDC の時計の差が許容範囲を超えています
login-no-key = KDC に { $user } またはプロキシの AES キーがありません
login-kdc-refuses = KDC が Kerberos エラー { $code } で拒否しました
login-fails = 認証に失敗しました:「{ $error }」
login-unreadable = 認証に失敗しました。メッセージを読み取れません
