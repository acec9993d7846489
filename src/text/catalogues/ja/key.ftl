### 入力されたプロダクト キーについて示す文。

key-prompt = プロダクト キー (表示されません):
key-as-argument = プロダクト キーを引数で指定することはできません。シェルの履歴に残り、プロセスの一覧に表示されるためです。入力した場合は、履歴から削除してください。`gracewatch key` の入力待ちで入力するか、ファイルから標準入力に渡してください。`key` に指定できる引数は --output text、--output json、--lang だけです
key-unreadable = キーを読み取れません: { $fault }
key-interrupted = 中断されました
key-too-long = 最初の { $most } バイトに、プロダクト キーとみなせる行がありません

## 報告

key-right = 形式に誤りはありません。
key-end = 最後の 5 文字は { $five } です。
key-wrong = 入力されたものは、プロダクト キーの形式ではありません。
key-without-n = N が含まれていません。Windows 8 以降のキーには通常 N が 1 つあり、それより前のキーにはありません。新しい製品のキーであれば、N を読み違えています
key-published = { $kind ->
    [kms_client] { $five } は、{ $edition } 用に公開されている KMS クライアント セットアップ キー (GVLK) の末尾と一致します。そのキーは、KMS ホストまたは Active Directory によるライセンス認証にのみ使えます。ほかのエディションでは 0xC004F050 または 0xC004F069 で拒否されることがあります。
   *[avma] { $five } は、{ $edition } 用に公開されている仮想マシンの自動ライセンス認証 (AVMA) のキーの末尾と一致します。そのキーは、ライセンス認証済みの Windows Server Datacenter を実行する Hyper-V ホスト上の仮想マシンにのみ使えます。ほかのエディションでは 0xC004F050 または 0xC004F069 で拒否されることがあります。
}
key-unpublished = 末尾は、Microsoft が KMS クライアントと仮想マシン用に公開しているキーのうち、ここで把握しているもののどれとも一致しません。リテール、MAK、KMS ホストのどのキーであるかは、形式からは分かりません。
key-not-kept = 何も送信せず、何も保存していません。
key-proves-nothing = 形式が正しくても、キーが有効とは限りません。有効かどうかは、ライセンス認証を行うまで分かりません。{ key-not-kept }
key-alphabet = キーに使われるのは、英字 BCDFGHJKMNPQRTVWXY と数字 2346789 です。元のキーと見比べてください。{ key-not-kept }

## 変更した点

key-change = { $change ->
    [surroundings] 前後の文字を取り除きました
    [quotes] 引用符またはかっこを取り除きました
    [invisible] 目に見えない文字を取り除きました
    [full_width] 全角文字を半角文字とみなしました
    [lower_case] 小文字を大文字とみなしました
    [other_dashes] ほかの記号をハイフンとみなしました
    [spaces] 空白をハイフンとみなすか、取り除きました
   *[missing_dashes] 不足しているハイフンを補いました
}

## 誤り

key-empty = キーが入力されていません
key-only-five = 5 文字だけです。インストール済みのキーについて Windows が表示する部分と同じ長さで、残りの 20 文字はここからは分かりません
key-masked = 最初の 4 グループがすべて X です。ツールによって伏せられており、最後のグループからは分かりません
key-product-id = プロダクト ID の形式です。これは Windows がインストール済みの製品に付けるもので、ライセンス認証には使えません
key-guid = ライセンス認証 ID などの GUID の形式です。プロダクト キーではありません
key-several = キーが { $count } 個あります。1 つずつ入力してください
key-difference = { $kind ->
    [missing] { $number } 文字不足しています
   *[surplus] { $number } 文字多すぎます
}
key-length = { $characters } 文字ですが、キーは { $length } 文字です: { $difference }
key-groups = { $groups } グループですが、キーは { $wanted } グループです
key-group-length = グループ { $group } が { $length } 文字ではなく { $characters } 文字です: { $difference }
key-character-name = { $kind ->
    [digit] 数字 { $character }
    [letter] 英字 { $character }
    [sign] `{ $character }`
   *[other] `{ $character }` ({ $number })
}
key-character = { $position } 文字目: { $character } はキーに使われません
key-character-in-group = グループ { $group } の { key-character }
key-similar-one = { $clause }。似ている文字: { $character }
key-similar = { $clause }。似ている文字: { $rest }、{ $last }
key-list-comma = 、
key-something-else = キーに使われない文字が { $count } 個あります。プロダクト キーではありません
key-several-n = N が { $count } 個あります。Windows 8 以降のキーの N は 1 つで、それより前のキーにはありません。M、H、W と見間違えやすい文字です
