### 報告以外にコマンド ラインが示す文。

## 処理中

looking-up = { $target } を調べています
probing = 測定中: { $done }/{ $planned }
aggregating = コンピューターの報告を集計しています

## エラー

nothing-to-check = このコンピューターには DNS ドメインがないため、確認する対象がありません。対象を指定してください: gracewatch check corp.example
options-for-urls = `{ $target }`: --proxy と --ca-file は https://{ $target } などの URL に使います
machines-not-known = コンピューターの情報がありません: { $error }
no-such-path = `{ $path }`: この名前の経路はありません
no-store = ストアが設定されていないため、コンピューターの報告は保存されません。設定で指定してください: status: { "{" }store: sqlite:{ PLACE("/var/lib/gracewatch/gracewatch.db") }{ "}" }
no-store-and-no-daemon = ストアが設定されていないため、コンピューターの報告を読み取れません。このコンピューターではデーモンも応答しません。--server でデーモン、または設定の `status` でストアを指定してください
cannot-be-read = 読み取れません: { $error }
machine-assumed = コンピューター名がありません。ファイル名から { $machine } とみなします (--machine を参照)
not-understood = 解釈できなかった { $count } 件のうち最も重大なもの: { $quote } (解釈できたもの { $understood } 件、対象外 { $noise } 件)
name-config = --config または GRACEWATCH_CONFIG で設定ファイルを指定してください
name-config-to-check = 確認するファイルを、引数、--config、GRACEWATCH_CONFIG のいずれかで指定してください
no-tokens-file = { $config } にトークンのファイルが指定されていません。`status` に `tokens_file: { PLACE("/etc/gracewatch/tokens") }` を追加してください
no-random-numbers = このコンピューターから乱数を得られません
no-such-token = { $file } にこの名前のトークンはありません。一覧は `gracewatch token list` で確認できます
machine-not-enrolled = { $machine } は登録されていません。登録済みのコンピューターは `gracewatch token list --machines` で確認できます

## 結果

config-ok = { $file }: 正常、経路 { $paths } 件
token-added = このトークンが表示されるのは一度だけです。デーモンが設定を再読み込みした後に有効になります。
tokens-revoked = { $count } 件のトークンを削除しました。デーモンが設定を再読み込みした後に拒否されます。
machine-revoked = { $at } に取り消し
machine-shut-out = { $machine } の登録を取り消しました。このコンピューターのトークンは今から拒否され、再登録もできません。
machine-enrols-again = { $machine } をもう一度登録できるようにしました。これまでのトークンは拒否されます。
store-copied = { $store } を { $file } にコピーしました
import-total = ファイル { $count } 件: 保存 { $stored }、変更なし { $unchanged }、古い報告 { $outdated }、問題のあるファイル { $faulty }
config-used = 設定ファイル: { $file }
config-empty = { $file } に設定がありません。このコンピューターの DNS ドメインを監視します
store-not-there = ストア { $store } はまだありません。報告したコンピューターはありません

## コンピューターとデーモン

no-such-machine = `{ $name }`: この名前のコンピューターはありません。`gracewatch machines --name TEXT` で検索できます
no-such-machine-but = `{ $name }`: この名前ではコンピューターを特定できません。候補: { $names }
no-daemon = { $address } でデーモンが応答しません。--server で指定してください
daemon-not-asked = { $address } で待ち受けているものに問い合わせできません。Gracewatch の場合は --server https://{ $address } を、必要であれば --ca-file と --user も指定してください
server-url = --server: https://gracewatch.corp.example:10688 などのアドレスを指定してください
server-credentials = --server: アドレスにユーザー名とパスワードを含めず、--user を使ってください
server-query = --server: アドレスにクエリやフラグメントを含めないでください。トークンは --token-file で指定してください
server-unencrypted = { $server } に送るパスワードまたはトークンは暗号化されず、ネットワーク上で読み取られるおそれがあります。https:// を使ってください
server-unreachable = { $server } に接続できません: { $error }
server-timed-out = 時間内に応答がありません
server-denied = { $server } には登録されたユーザーだけがアクセスできます。--user でユーザー、または --client-cert で証明書を指定してください
server-refused = { $server }: { $error }
server-refused-with-names = { $server }: { $error }。候補: { $names }
server-unknown = { $server }: Gracewatch のデーモンではないか、古いバージョンです: { $error }
server-not-json = 応答を解釈できません
server-password = { $user } のパスワード:{ " " }
server-password-in-sight = --user: パスワードをコマンド ラインに含めないでください。--password-file または GRACEWATCH_PASSWORD を使ってください
server-no-password = --user { $user }: パスワードがありません。--password-file または GRACEWATCH_PASSWORD を使ってください
