### 設定ファイルの誤り。それぞれ、誤りの位置と、多くは書かれている値の後に続く。

config-fault-at = { $place }: { $fault }
config-fault-of = `{ $value }`: { $fault }

## YAML

config-yaml = { config-yaml-kind } (「{ $error }」)
config-yaml-kind = { $kind ->
    [escape] 二重引用符の中では円記号 (\) がエスケープの始まりになります。Windows のパスは単一引用符で囲んでください
    [tab] タブが使われています。YAML の字下げには空白を使ってください
    [indentation] 字下げが正しくありません。同じ階層のものは同じ列から始めてください
    [quote] 引用符が閉じていないか、閉じた後に余分な文字があります
    [bracket] かっこが閉じていないか、対応していません
    [colon] `:` の位置が正しくありません。`:` を含む値は引用符で囲んでください
   *[other] YAML として正しくありません
}
config-path-escape = 円記号 (\) が別の文字に変換されています。Windows のパスは単一引用符で囲んでください
config-not-utf8 = UTF-8 ではありません。ファイルを UTF-8 で保存してください
config-documents = ここから別のドキュメントが始まっています。設定は 1 つのドキュメントにまとめてください
config-misplaced = この位置には指定できません
config-key-missing = キー `{ $key }` がありません
config-key-twice = キー `{ $key }` が重複しています
config-this-key-twice = このキーは重複しています
config-unknown-what = { $what ->
    [key] 不明なキーです
    [preset] 不明なプリセットです
    [version] 不明なバージョンです
    [suite] 不明な暗号スイートです
    [curve] 不明な曲線です
    [type] 不明な種類です
   *[value] 不明な値です
}
config-unknown-near = { config-unknown-what }。`{ $name }` の間違いではありませんか
config-unknown = { config-unknown-what }。指定できるもの: { $known }
config-whole-number = 整数を指定してください
config-boolean = `true` または `false` を指定してください
config-string = 文字列を指定してください
config-list = 一覧を指定してください
config-keys-and-values = キーと値を指定してください
config-expected = { $expected ->
    [one-or-many] 文字列または文字列の一覧
    [proxies] `direct`、`system`、URL、プロキシのキー、またはこれらの一覧
    [proxy] `direct`、`system`、URL、またはプロキシのキー
    [endpoints] プリセットの名前またはエンドポイントの一覧
    [endpoint] URL、`host:port`、またはエンドポイントのキー
   *[other] { $expected }
}
config-found = { $found ->
    [map] キーと値
    [sequence] 一覧
    [string] 文字列
    [integer] 整数
    [boolean] 真偽値
   *[other] { $found }
}
config-shape = { config-expected }を指定してください (書かれているのは{ config-found })

## ファイルと参照

file-unreadable = 読み取れません: { $error }
file-not-a-file = ファイルではありません
file-too-long = 長すぎます: { $length } バイトです (上限は { $most } バイト)
file-not-utf8 = UTF-8 ではありません
reference-file = `${ "{" }{ $reference }{ "}" }` のファイル: { $fault }
reference-not-closed = ここの `${ "{" }` に対応する閉じかっこがありません (文字としての `${ "{" }` は `$${ "{" }` と書きます)
reference-to-nothing = ここの `${ "{" }...{ "}" }` は変数もファイルも指していません (文字としての `${ "{" }` は `$${ "{" }` と書きます)
reference-to-no-variable = 環境変数 `{ $name }` がありません
setting-skipped = { $place }: `{ $entry }` は無視されます: { $fault }
setting-unknown = このような設定はありません
config-secret = `${ "{" }...{ "}" }` が表す値は、この位置には指定できません
config-credentials = ユーザー名とパスワードは、この位置には指定できません

## 値

config-range = { $least } から { $most } までの範囲にありません
config-range-reversed = 範囲の終わりが始まりより前にあります
config-duration = `90s`、`5m`、`1h 30m` のような時間の長さではありません
config-interval-short = 間隔 ({ $interval }) がタイムアウト ({ $timeout }) より短くなっています
config-few-rounds = 回数が `failures` より少なくなっています (`failures` の既定値は { $failures })
config-listen = `[::]:10688`、`127.0.0.1:10688`、`:10688` のようなアドレスとポートではありません。ポートは 65535 までです
config-listed-twice = 重複しています
config-nothing-listed = 一覧が空です。既定値を使う場合は `{ $key }` を省いてください
config-no-file = ファイルが指定されていません
config-no-folder = フォルダーが指定されていません

## 経路

config-no-path = 経路の一覧が空です。このコンピューターのドメインを監視する場合は `paths` を省いてください
config-path-name = 経路には名前が必要です
config-site-name = サイトには名前が必要です
config-path-name-long = 名前は改行を含まない { $most } 文字以内で指定してください
config-path-twice = 同じ名前の経路がほかにあります
config-path-of-both = 1 つの経路に `kms` と `online` の両方があります。経路を 2 つに分けてください
config-path-of-neither = 経路には `kms` または `online` のキーと、その内容が必要です
config-domain-and-hosts = 1 つの経路に `domain` と `hosts` の両方があります。DNS にないホストは別の経路にしてください
config-domain-or-hosts = `domain` または `hosts` のキーが必要です
config-no-domain = ドメインの一覧が空です
config-domain-long = 長すぎるため { $prefix }.<ドメイン> という名前にできません
config-no-host = ホストの一覧が空です
config-many-hosts = ホストが { $count } 件あります (1 つの経路では { $most } 件まで)
config-cloud = `[kms01]` のようなホストの一覧でも、クラウドの名前 ({ $known }) でもありません
config-address = アドレスです。ここには名前を指定してください
config-full-name = `kms01.corp.example` のような、DNS に載る完全な名前ではありません
config-expected-hosts = `expected_hosts` は `hosts` ではなく `domain` と共に使います
config-with-domain = `{ $key }` は `domain` と共に使います。`hosts` のホストは常に測定されます
config-network = `10.0.0.0/8` や `2001:db8::/32` のようなネットワークではありません
config-nameserver = `192.0.2.53` や `[2001:db8::53]:5353` のようなネーム サーバーのアドレスではありません
config-no-nameserver = ネーム サーバーの一覧が空です。システムのネーム サーバーを使う場合は `nameservers` を省いてください
config-no-protocol = プロトコルの一覧が空です。ホストの時刻を調べない場合は `off` を指定してください

## オンラインの経路

config-no-endpoint = エンドポイントの一覧が空です
config-many-targets = プロキシごとのエンドポイントが { $count } 件あります (1 つの経路では { $most } 件まで)
config-no-proxy = プロキシの一覧が空です。プロキシを使わない場合は `direct` を指定してください
config-proxy-twice = 重複しています。資格情報が異なっても同じプロキシとみなします
config-username-and-password = `username` と `password` は両方を指定してください
config-auth-alone = `auth` は `username` と `password` の送り方です。これらも指定してください
config-auth-socks = SOCKS ではユーザー名とパスワードがそのまま送られます。`auth` を省いてください
config-auth-not-built = このビルドは、パッケージやコンテナー イメージと同様に { $scheme } に対応していません。`--features proxy-auth` を付けてビルドするか、資格情報を省いてください。省いた場合も、プロキシが資格情報を要求していることは報告されます
config-kdc = `kdc` は `auth: negotiate` と共に使います
config-kdc-on-windows = Windows では、`auth: negotiate` で `user@REALM` を使う場合に `kdc` が必要です
config-issuer = 発行者の名前またはその一部が必要です
config-no-issuer = 発行者の一覧が空です。信頼された発行者であればよい場合は `expected_issuers` を省いてください
config-no-tls = TLS を準備できません: { $error }
proxy-of-environment = 環境変数 `{ $name }` のプロキシ: { $fault }
proxy-of-winhttp = このコンピューターの WinHTTP プロキシ: { $fault }
proxy-settings-cut-off = 設定が途中で終わっています

## 名前、エンドポイント、プロキシ、証明書

name-missing = 名前がありません
name-empty-label = 名前に空のラベルがあります。先頭にドットがあるか、ドットが連続しています
name-long-label = 名前のラベルが { $length } バイトあります。DNS では 63 バイトまでです
name-long = 名前が { $length } バイトあります。DNS では 253 バイトまでです
name-character = 名前に { $found } は使えません。名前の一部である場合は { $escape } と書いてください
name-escape = 名前の `\` の後には、255 までの 3 桁の数字か、その記号自体を書いてください
name-number = アドレスでも名前でもありません。数字だけの名前はありません
name-zone = `%` の後の名前のネットワーク インターフェイスがこのコンピューターにありません
port-malformed = ポートではありません。ポートは 1 から 65535 までの数です
machine-name-empty = コンピューター名が空です
machine-name-too-long = コンピューター名が 253 バイトを超えています
machine-name-address = アドレスはコンピューター名として使えません
machine-name-characters = コンピューター名ではありません。使えるのは文字、数字、`-`、`_`、`.` です
endpoint-malformed = `https://activation.example`、`http://crl.example/list.crl`、`host:443` のようなエンドポイントではありません
endpoint-scheme = エンドポイントには `https://` または `http://` を使います
endpoint-pattern = エンドポイントは 1 つのホストです。アスタリスクを使わずに 1 つずつ指定してください
endpoint-credentials = エンドポイントにユーザー名とパスワードは指定できません
proxy-malformed = `http://proxy.corp.example:3128` や `socks5://gateway.corp.example` のようなプロキシでも、`direct` や `system` でもありません
proxy-without-scheme = プロキシにはスキームが必要です。先頭に `http://`、`https://`、`socks5://`、`socks5h://` のいずれかを付けてください
proxy-unencoded = URL では、ユーザー名やパスワードの中の `\ / # ? @` を `%5C %2F %23 %3F %40` と書いてください。または `username` と `password` で指定してください
proxy-scheme = プロキシには `http://`、`https://`、`socks5://`、`socks5h://` のいずれかを使います
proxy-without-port = HTTP プロキシには `:3128` や `:8080` のようなポートが必要です
proxy-path = プロキシにパスとクエリは指定できません
proxy-credentials = URL の中のユーザー名またはパスワードは、パーセント記号を復号すると UTF-8 になりません
proxy-length = SOCKS のユーザー名とパスワードは 1 から 255 バイトです
pem-broken = PEM が壊れています
pem-nothing = PEM 形式の証明書がありません
pem-no-certificate-at = { $place } 番目は証明書ではありません
pem-unreadable = 読み取れない証明書があります
pem-encrypted-key = 秘密キーが暗号化されています。パスフレーズなしで保存してください
pem-no-key = PEM 形式の秘密キーがありません

## ストア、受信フォルダー、トークン

store-scheme = ストアは、`sqlite:` とファイルのパス、または `postgres://host/database` で指定します
store-no-path = `sqlite:` の後にファイルのパスがありません
store-not-only-path = `sqlite:` の後に指定できるのは、ファイルのパスだけです
store-url = `postgres://user:password@host:5432/database` のようなデータベースの URL ではありません: { $fault }
store-no-slashes = `//` がありません
store-option = オプションが不明か、その値が無効です
store-url-fault = { $error }
store-unencoded = URL では、ユーザー名やパスワードの中の `/ # ? @` を `%2F %23 %3F %40` と書いてください
config-forgotten-early = コンピューターの情報が古いとみなされる前に削除されてしまいます。`forget_after` を `stale_after` より長くしてください
config-inbox-not-apart = { $file ->
    [configuration] 設定ファイルがこのフォルダーにあり、報告と区別できません。別のフォルダーを使ってください
    [store] ストアがこのフォルダーにあり、報告と区別できません。別のフォルダーを使ってください
    [tokens] トークンのファイルがこのフォルダーにあり、報告と区別できません。別のフォルダーを使ってください
    [inventory] インベントリがこのフォルダーにあり、報告と区別できません。別のフォルダーを使ってください
   *[web] Web の設定ファイルがこのフォルダーにあり、報告と区別できません。別のフォルダーを使ってください
}
tokens-open = ほかのユーザーが読み書きできます。`chmod 640 { $file }` で権限を絞ってください
tokens-line = { $number } 行目: { $fault }
tokens-too-many = トークンが { $most } 件を超えています。1 つのトークンで、パターンにより多くのコンピューターを指定してください
token-words = 名前、トークン、コンピューター名のパターンが必要です
token-name = 先頭が名前ではありません。名前は { $most } 文字以内の文字、数字、`-`、`_`、`.` です
token-no-patterns = コンピューター名のパターンがありません。例: `*.corp.example`、すべてなら `*`
token-is-pattern = トークンの位置にパターンがあります。名前、トークン、パターンの順に書いてください
token-short = トークンが { $least } 文字より短くなっています
token-digest = `{ $prefix }` の後には 16 進数 64 桁が必要です
token-other-digest = トークンが、対応していない種類のダイジェストのように見えます。`{ $prefix }` に続けて SHA-256 を書いてください
token-pattern = { $place } 番目の語は名前のパターンではありません。使えるのは文字、数字、`-`、`_`、`.`、`*`、`?` です
token-many-patterns = パターンが { $most } 件を超えています。`*` と `?` で多くのコンピューターをまとめられます
token-same-name = { $line } 行目に同じ名前があります
token-same-token = { $line } 行目に同じトークンがあります

## Web の設定ファイル

web-header = ヘッダーに制御文字は使えません
web-user-with-colon = 名前がコロンで区切られるため、コロンを含む名前ではサインインできません
web-no-burst = `burst` が 0 のため、すべての要求が拒否されます
web-nanoseconds = 単位のない数はナノ秒とみなされます
web-duration = `1s`、`500ms`、`1m30s` のような時間の長さが必要です
web-tls-off = 証明書が指定されていないため、TLS は無効です
web-key-missing = キー `{ $one }` と `{ $other }` のどちらもありません
web-chain-expired = チェーンの証明書の有効期限が切れています
web-key-of-another = 秘密キーが証明書と対応していません
web-certificate-unreadable = 証明書を読み取れません
web-key-unusable = この秘密キーは使えません。対応しているのは 2048 ビット以上の RSA、P-256、P-384、Ed25519 です
web-no-suite = これらの暗号スイートはどれも使えません
web-no-curve = これらの曲線はどれも使えません
web-no-version = `min_version` から `max_version` までに使えるバージョンがありません。使えるのは TLS12 と TLS13 です
web-old-version = 使えるのは TLS 1.2 と TLS 1.3 だけです。これより古いバージョンは拒否されます
web-left-out = { $what ->
    [curve] この曲線は使えないため、除外します
   *[suite] この暗号スイートは使えないため、除外します
}
web-ca-unused = クライアント用の CA が指定されていますが、`client_auth_type` はクライアントに証明書を要求しません
web-sans-unused = `client_auth_type` はクライアントに証明書を要求しないため、この一覧は使われません
web-no-ca = CA の証明書がないため、クライアント証明書は受け入れられません
web-system-ca = `client_ca_file` が指定されていないため、このシステムが信頼するすべての CA がクライアントを証明できます
web-no-san = 名前の一覧が空のため、クライアント証明書は受け入れられません
web-hash-needed = `htpasswd -nBC 10 USER` で作る bcrypt ハッシュが必要です
web-hash-short = ハッシュが短すぎます。{ web-hash-needed }
web-hash-version = ハッシュのバージョンが不明です。{ web-hash-needed }
web-hash-without-cost = ハッシュにコストがありません。{ web-hash-needed }
web-hash-cost = ハッシュのコストが { $cost } です。4 から 31 までにしてください
web-hash-malformed = ハッシュの形式が正しくないため、どのパスワードとも一致しません。新しく作成してください
web-hash-slow = コスト { $cost } のハッシュは、サインインのたびにプロセッサを数秒間占有します。通常は 10 から 12 です
config-srv-prefix = 先頭の `{ $prefix }.` を除き、`{ $domain }` と記述してください
config-key-belongs = このキーは { $owners } の下に書きます。空白 2 つ分深く字下げしてください
config-quoted = `{ $text }`
config-either = { $one } または { $other }
config-nothing-indented = このキーの下に字下げされたものがありません。属するものを空白 2 つ分字下げしてください
file-no-certificates = PEM 形式の証明書がありません
file-no-key = PEM 形式の秘密キーがありません
