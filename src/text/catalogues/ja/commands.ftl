### コマンドが失敗した理由と、取り込みの結果。

other-error = { $error }
nothing-to-explain = 説明する対象がありません。0xC004F074 などのコードを指定するか、標準入力にテキストを渡してください
stdin-cut-off = 標準入力: 最初の { $most } MiB だけを調べます
reporters-not-known = コードを報告しているコンピューターは不明です: { $error }
file-unwritable = { $file } に書き込めません: { $error }
tokens-in-use = 別のプログラムがトークンを変更しています。ほかに変更しているものがなければ、{ $file } を削除してからやり直してください
stopping = gracewatch は停止処理中です

## 取り込んだ報告

reports-stored = 保存 { $stored } 件、変更なし { $unchanged } 件、古い報告 { $outdated } 件
reports-refused = { $stored }、拒否 { $refused } 件
reports-not-understood = { $stored }、解釈できないもの { $skipped } 件
outputs-replaced = { $count } 件の出力 (最初は { $first } 行目) は、同じコンピューターのより新しい出力が下にあるため使用されません
report-rejected = 報告 { $number }: { $reason }
more-reports-rejected = ほかに { $count } 件の報告が拒否されました
report-of-nobody = コンピューター名がありません
report-denied = トークン `{ $token }` では { $machine } について報告できません
report-of-too-many-machines = 保存できるコンピューターの上限 { $most } 台に達しており、{ $machine } は含まれていません
report-of-too-many-licenses-in-all = 保存できるライセンスの上限 { $most } 件 (status.licenses) に達しており、{ $machine } の新しいライセンスは追加されません
report-of-too-many-terms = 製品、キー、ホストの名前が保存できる上限 { $mebibytes } MiB に達しており、{ $machine } のものは追加できません
report-beyond-share = トークン { $token } のコンピューターが保存できる上限の 4 分の 3 に達しており、{ $machine } の情報は追加できません
report-of-too-many-licenses = 1 台のコンピューターで { $most } 件を超えるライセンスは保存できません
input-empty = 空です
input-not-text = テキストではありません{ $detail }
input-unknown = 対応している形式ではありません。WMI の JSON、CSV、リスト、slmgr または ospp.vbs のテキスト、イベントの XML、JSON、CSV、テキスト、VAMT のエクスポートに対応しています
input-other-language = 対応していない言語の slmgr のテキストのようです。WMI の数値を JSON または CSV で送信するか、System32 以外の場所にコピーした slmgr.vbs を実行してください。コピーは英語で出力します: `copy %SystemRoot%\System32\slmgr.vbs %TEMP%`、次に `cscript //nologo %TEMP%\slmgr.vbs /dlv`
input-unowned = { $line } 行目: { $why ->
    [no-names] この出力は上の出力とは別のコンピューターのもので、コンピューター名がありません。コンピューターごとにファイルを分けるか、各出力の上に `Computer: NAME` と記入してください
    [same-name] 別のコンピューターの出力と同じ名前が上にあります。各出力の上に `Computer: NAME` と記入してください
    [no-name] 上の `{ $words }` はコンピューター名ではありません。`Computer: NAME` と記入してください
    [word] 上の `{ $words }` がコンピューター名かどうか判断できません。`Computer: NAME` と記入してください
    [between] 上と下の両方にコンピューター名があり、どちらのものか判断できません。各出力の上に `Computer: NAME` と記入してください
    [session] 上のコンピューター名との間に別のコマンドがあります。各出力の上に `Computer: NAME` と記入してください
    [mixed] ここから 2 つの出力が混ざっており、どの行がどちらのものか判断できません。出力ごとにファイルを分けてください
   *[command] 上のコマンドからコンピューターを 1 台に特定できません: { $words }。各出力の上に `Computer: NAME` と記入してください
}
input-prefixed = { $line } 行目には、ほかの行の先頭にある時刻またはコンピューター名がありません。行頭の文字列を付けずに出力してください
input-no-key = このコンピューターの Office にはプロダクト キーがなく、報告するライセンスがありません
input-attempt = ライセンス認証の成功だけが示され、状態がありません。状態は `slmgr /dlv` または `ospp.vbs /dstatus` で確認できます
input-nothing = 報告がありません。バナー、プロンプト、未使用の製品、ほかの種類のイベントだけです
input-malformed = { $kind ->
    [line] { $number } 行目: { $error }
    [event] イベント { $number }: { $error }
   *[other] { $place }: { $error }
}
input-cut-table = { $line } 行目: この表は列が切れているか、つながっています。リスト、CSV、JSON のいずれかにしてください (Format-List、ConvertTo-Csv、ConvertTo-Json、または wmic の /format:list)
input-html = ライセンスの表を含まない HTML です。ConvertTo-Html の代わりに ConvertTo-Json または ConvertTo-Csv を使用してください
input-unread-event = イベント { $id } は読み取りの対象ではありません。対象はイベント 12288、12289、12290 ～ 12294、8198、8230 です
input-stopped = 読み取りが中止されました
input-not-a-file = ファイルではありません
input-too-long = { $most } MiB を超えています。分割してください
input-not-understood = 解釈できる内容がありません

## ストア

store-unavailable = ストア { $store } に接続できません: { $error }
store-full = ストア { $store } のディスクに空き領域がありません
store-read-only = ストア { $store } に書き込めません: { $error }
store-busy = ストア { $store } は別のプログラムが使用中で、時間内に解放されませんでした
store-newer = ストア { $store } は、より新しいバージョンの gracewatch で使用されています。このプログラムを更新してください
store-replaced = ストア { $store } のファイルが使用中に削除または置換されたため、開き直します
store-damaged = ストア { $store } が破損しています: { $error }
store-not-a-store = { $store } は Gracewatch のデータベースではないか、破損しています: { $error }
store-failed = ストア { $store } でエラーが発生しました: { $error }
backup-by-server = { $store } は pg_dump でコピーします: pg_dump --format=custom --file={ $file } URL。何も書き込んでいません
backup-no-store = { $store } にストアがありません
backup-exists = { $file } は既に存在するため、書き込みません。別のファイルを指定するか、先に削除してください
backup-name = { $file } はコピー先にできません: { $error }
backup-unwritable = コピー先 { $file } に書き込めません: { $error }

## デーモンと、このコンピューターに必要なもの

daemon-listen = { $address } で待ち受けできません: { $error }
daemon-signals = シグナルを受け取れません: { $error }
daemon-web = HTTP サーバーが予期せず終了しました
daemon-task = タスクが予期せず終了しました: { $error }
daemon-service = コンピューターの状態を管理するサービスが予期せず終了しました
daemon-random = システムから乱数を得られません
daemon-metrics = メトリックを準備できません: { $error }
too-few-threads = システムのスレッドが足りません ({ $error })。プロセス数の上限を上げてください: シェルでは `ulimit -u`、ユニットでは TasksMax=、コンテナーでは pids の上限
too-few-descriptors = システムのファイル ディスクリプターが足りません ({ $error })。上限を上げてください: シェルでは `ulimit -n`、ユニットでは LimitNOFILE=
no-runtime = ランタイムを開始できません: { $error }
descriptors-lowered = { $key } を { $wanted } から { $allowed } に下げます。このプロセスが使えるファイル ディスクリプターは { $limit } 個で、測定には 1 回あたり最大 { $each } 個、接続には 1 個が必要です。ハード リミットを上げるか (ユニットでは LimitNOFILE=、シェルでは ulimit -Hn)、{ $key } を下げてください
days-needed = 7d のような日数を指定してください
span-needed = 1d や 12h のような期間、または日付を指定してください
