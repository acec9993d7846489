### ほかに返すものがないときの HTTP の応答。

parameters = パラメーターが正しくありません: { $error }。使用できるパラメーターは { $known } です
only-parameter = 指定できるパラメーターは `{ $name }` だけです
language-parameter = `lang`: 使用できる言語は { $known } です
parameter-status = `status={ $value }`: 状態は 0 から 6 までです
parameter-path = `path={ $value }`: この名前の経路はありません。経路は { $known } です
parameter-within = `within={ $value }`: 30 のような日数を指定してください
parameter-limit = `limit={ $value }`: 1 から { $most } までの範囲にありません
code-not-text = コードがテキストではありません
two-lengths = 要求に Content-Length と Transfer-Encoding の両方があります

## 後で応答できるもの

store-not-read = ストアを使用できません。数秒おきに再試行しています
fleet-not-aggregated = コンピューターの集計がまだ終わっていません
first-round = 最初の測定がまだ終わっていません
hosts-not-known = { $name } に応答するネーム サーバーがないため、経路 { $path } の KMS ホストは不明です
page-dropped = 新しいページのために、このページは読み取られる前に破棄されました
request-too-slow = 要求の処理に時間がかかりすぎました
too-many-answers = 読み取りを待っている応答が多すぎます。後でやり直してください
past-busy = 変更の履歴を同時に読み取る要求が多すぎます。数秒後にやり直してください
too-many-sheets = すでに { $most } 件の一覧 (CSV) が読み取り中です。後でやり直してください
too-many-reports = 同時に届いている報告が多すぎます。後で送り直してください
too-many-passwords = 検証中のパスワードが多すぎます
too-many-requests = 要求が多すぎます。上限は Web の設定ファイルの `rate_limit` です
too-many-guesses = 不明なトークンによる要求が多すぎます。後でやり直してください
own-fault = gracewatch の内部エラーです。詳細はログにあります

## 送信元

password-needed = ユーザー名とパスワードが必要です
password-wrong = ユーザー名またはパスワードが正しくありません
token-needed = ベアラー トークンが必要です
token-unknown = 不明なトークンです
token-only-enrols = トークン `{ $token }` はコンピューターの登録専用で、報告には使えません
token-only-reports = トークン `{ $token }` は報告専用で、コンピューターの登録には使えません

## コンピューターの登録

enrol-body = `machine` と `token` だけを含む 4 KiB 以内の JSON の本文が必要です
enrol-token = 新しいトークンが必要です。`gracewatch_` に続けて、ランダムな 32 バイトを URL 用の Base64 (パディングなし) で指定してください
enrol-denied = トークン `{ $token }` では { $machine } を登録できません
enrol-taken = { $machine } は別のトークンで登録されています。再セットアップした場合は、サーバーで `gracewatch token revoke --enrol-again { $machine }` を実行してください
enrol-revoked = { $machine } はサーバーで登録を取り消されています
enrol-full = 登録されたコンピューターが多すぎます。サーバーで `gracewatch token revoke --enrol-again` を実行して減らしてください

## 本文

body-coding = 本文はそのまま、または gzip で圧縮して送信してください
body-too-long = 本文が { $most } MiB を超えています
body-too-long-inflated = 本文を展開すると { $most } MiB を超えます
body-inflates-too-much = 本文を展開すると { $times } 倍を超える長さになります
body-too-slow = 本文の受信に時間がかかりすぎました
body-broke-off = 本文が途中で途切れました
body-no-gzip = 本文が gzip ではないか、途中で途切れました

## 再読み込み

reload-done = 設定を再読み込みしました。
reload-refused = 実行中の設定を引き続き使用します。
reload-stopping = gracewatch は停止処理中です。
reload-failed = 読み取りに失敗しました: { $why }
reload-hangs = ファイルの読み取りに { $seconds } 秒以上かかっています。ファイルのある共有を確認してください
reload-listen = 待ち受けアドレスは実行中に { $running } から { $wanted } へ変更できません。再起動してください
reload-store = `status` のストアは実行中に変更できません。再起動してください
reload-never = HTTP による再読み込みは web.allow_reload で無効になっています。代わりに SIGHUP を送信してください。
reload-loopback = 再読み込みできるのは、web.allow_reload で許可しない限り、このコンピューターからだけです。
reload-users = 再読み込みできるのは、web.config_file のユーザーと、このコンピューターからだけです。
reload-other-site = 別のサイトのページから再読み込みはできません。
machine-not-meant = `{ $name }`: この名前のコンピューターはありません
machine-not-meant-near = `{ $name }`: この名前のコンピューターはありません。最も近い名前は `{ $near }` です
parameter-since = `since={ $value }`: { $fault }
path-unknown = `{ $name }`: この名前の経路はありません
path-unknown-near = `{ $name }`: この名前の経路はありません。最も近い名前は `{ $near }` です
