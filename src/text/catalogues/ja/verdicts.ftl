### 判定: 何が止まっているか、誰に影響するか。メッセージの一覧と変数は en と同じです。

## 名前、時間、コード

names = { $count ->
    [1] { $one }
    [2] { $one } と { $two }
    [3] { $one }、{ $two }、{ $three }
   *[other] { $one }、{ $two }、{ $three } (ほか { $more } 件)
}
through-proxy = { $names } ({ $proxy } 経由)
sentence = { $statement }。
evidence = { $statement } ({ $detail })
one-of-them = 対象の 1 台
span = { $unit ->
    [ms] { $count } ミリ秒
    [s] { $count } 秒
    [min] { $count } 分
    [h] { $count } 時間
    [day] { $count } 日
   *[year] { $count } 年
}
code-with-meaning = { $code } ({ $meaning })
code-meaning = { $code ->
    [x8004FE33] プロキシが認証を要求
    [x80070005] アクセス拒否
    [x8007007B] KMS ホスト名が不明
    [x80070490] キーが受け付けられない
    [x800704CF] ネットワークに到達できない
    [x800705B4] DNS がタイムアウト
    [x800706B5] KMS サービスではない
    [x800706BA] RPC サーバーを利用できない
    [x8007232A] DNS サーバーのエラー
    [x8007232B] DNS 名がない
    [x8007251D] DNS レコードがない
    [x8007267C] DNS サーバー未設定
    [x80072AF9] ホスト名が見つからない
    [x80072EE2] 応答がタイムアウト
    [x80072EE7] 名前を解決できない
    [x80072EFD] 接続できない
    [x80072EFE] 接続が切断された
    [x80072EFF] 接続がリセットされた
    [x80072F0C] クライアント証明書が必要
    [x80072F78] 応答が不正
    [x80072F8F] TLS の失敗
    [x803F7001] ライセンスが見つからない
    [xC004B100] Microsoft がライセンス認証を拒否
    [xC004C001] 不明なキー
    [xC004C003] キーがブロックされている
    [xC004C008] キーの使用回数超過
    [xC004C020] MAK の回数超過
    [xC004C060] キーがブロックされている
    [xC004E015] ライセンス処理の失敗
    [xC004F00F] ハードウェアの変更
    [xC004F012] ライセンス データがない
    [xC004F014] キーが未インストール
    [xC004F015] 別の製品のキー
    [xC004F017] ライセンスが未インストール
    [xC004F034] ライセンスが見つからない
    [xC004F035] 対象となるエディションがない
    [xC004F038] KMS のカウント不足
    [xC004F039] KMS が無効
    [xC004F041] KMS ホストがライセンス認証されていない
    [xC004F042] KMS ホストが古い
    [xC004F050] キーが無効
    [xC004F051] キーがブロックされている
    [xC004F056] KMS でのライセンス認証に失敗
    [xC004F057] OEM BIOS マーカーがない
    [xC004F064] 猶予期間の終了
    [xC004F065] 猶予期間中
    [xC004F069] 該当するキーがない
    [xC004F06B] KMS ホストが仮想マシン
    [xC004F06C] 時刻の差が大きすぎる
    [xC004F074] KMS でライセンス認証できない
    [xC004F200] 正規品ではない
    [xC004F211] ハードウェアの変更
    [xC004F212] 別のエディションのキー
    [xC004F213] キーが見つからない
    [xC004FC03] ネットワークの障害
   *[other] { "" }
}
license-status = { $status ->
    [unlicensed] ライセンスなし
    [licensed] ライセンス認証済み
    [oob_grace] 初期猶予期間
    [oot_grace] 追加猶予期間
    [non_genuine_grace] 非正規の猶予期間
    [notification] 通知モード
    [extended_grace] 延長猶予期間
   *[unknown] 不明
}
client-codes = { $inner ->
    [none] クライアントには { $code } が表示されます。
   *[other] クライアントには { $code } が表示され、イベント ID 12288 には { $inner } が記録されます。
}

## 経路の状態

works-kms = { $expected ->
    [1] 経路 { $path } は正常です。KMS ホストが応答しています{ not-measured }
    [2] 経路 { $path } は正常です。KMS ホストは 2 台とも応答しています{ not-measured }
   *[other] 経路 { $path } は正常です。KMS ホスト { $expected } 台がすべて応答しています{ not-measured }
}
works-online = { $proxies ->
    [1] 経路 { $path } は正常です。{ endpoints-answer }{ not-measured }
   *[other] 経路 { $path } は正常です。{ endpoints-answer } ({ $proxy_names } 経由){ not-measured }
}
endpoints-answer = { $endpoints ->
    [1] { $endpoint } が応答しています
   *[other] エンドポイント { $endpoints } 件がすべて応答しています
}
not-measured = { $unmeasured ->
    [0] { "" }
   *[other] 。{ targets-not-measured }
}
works-though = { $statement }。ただし、{ $clocks }
clocks-unread = { $count ->
   *[other] { $names } の時刻を読み取れませんでした
}
begins = { $clause }
others-fail = { $more ->
    [0] { $problem }。{ $name } も失敗しています
   *[other] { $problem }。{ $name } ほか { $more } 件も失敗しています
}
targets-not-measured = { $unmeasured } 件はこのコンピューターの都合で測定できませんでした
degraded = { $coverage ->
    [hosts] 経路 { $path } は KMS ホスト { $all } 台中 { $working } 台で動作していますが、{ $problem }
    [targets] 経路 { $path } は { $all } 件中 { $working } 件で動作していますが、{ $problem }
    [activation] 経路 { $path } でのライセンス認証は可能ですが、{ $problem }
    [unexpected] 経路 { $path } は想定外のホストだけで動作しています: { $problem }
   *[whole] 経路 { $path } は動作していますが、{ $problem }
}
blocked = { $whom ->
    [mak] 経路 { $path } は MAK とリテール キーについて { $stage } の段階で止まっています: { $problem }
    [digital] 経路 { $path } はデジタル ライセンスとサブスクリプションについて { $stage } の段階で止まっています: { $problem }
   *[all] 経路 { $path } は { $stage } の段階で止まっています: { $problem }
}
kept = { $status ->
    [ok] 経路 { $path } は、gracewatch の再起動前と同じく正常です
    [degraded] 経路 { $path } は、gracewatch の再起動前と同じく、{ $stage } の障害 ({ $reason }) がありますが動作しています
    [blocked] 経路 { $path } は、gracewatch の再起動前と同じく { $stage } ({ $reason }) で止まっています
   *[unknown] 経路 { $path } は、gracewatch の再起動前と同じく判定できません
}
unknown = { $cause ->
    [not_measured] 経路 { $path } はまだ判定できません。何も測定されていません
    [monitor_failed] 経路 { $path } を判定できません。この経路を監視するプログラムの処理が停止しました
    [left_out] 経路 { $path } を判定できません: { $problem }
    [no_common_cipher] 経路 { $path } を判定できません。{ $problem } は、このプログラムが提示できる暗号スイートを受け付けません。Windows はより多くの暗号スイートを提示するため、接続できる可能性があります
    [unsupported_signature] 経路 { $path } を判定できません。{ $problem } の証明書の署名方式を、このプログラムでは検証できません。Windows では検証できる可能性があります
   *[local_error] 経路 { $path } を判定できません。このコンピューターから{ local-part }
}
local-part = { $stage ->
    [srv] ネーム サーバーに問い合わせできませんでした
    [address] ネーム サーバーに問い合わせできませんでした
    [tcp] 接続できませんでした
    [proxy] プロキシと通信できませんでした
    [tls] TLS で通信できませんでした
    [http] HTTP で通信できませんでした
    [rpc] RPC で通信できませんでした
    [clock] 時刻を読み取れませんでした
   *[other] 測定できませんでした
}
in-parentheses = { $statement } ({ $detail })

## 影響を受けるコンピューター

dependents = { $lost ->
    [none] 経路 { $path } を使うコンピューターは { $machines } 台です。
    [all] 経路 { $path } を使うコンピューター { $machines } 台は、すべてライセンス認証が切れています。
   *[some] 経路 { $path } を使うコンピューターは { $machines } 台で、うち { $lost_machines } 台はライセンス認証がすでに切れています。
}
lose-within-week = このまま更新されない場合、7 日以内に { $machines } 台のライセンス認証が切れます: { $names }。最も早い期限は { $day } です。
next-loss = { $machine ->
    [none] 次にライセンス認証が切れるのは { $day } です。
   *[other] 次にライセンス認証が切れるのは { $machine } で、{ $day } です。
}

## KMS ホスト

nameservers = { $count ->
   *[other] ネーム サーバー { $names }
}
nameserver-problem = { $reason ->
    [nxdomain] { nameservers } に SRV レコード { $name } がありません
    [no_records] { nameservers } に { $name } の SRV レコードがありません
    [no_service] { $name } のレコードは KMS ホストがないことを示しています (ターゲット ".")
    [invalid_answer] { $name } の SRV レコードが正しくありません
    [server_failure] { nameservers } が { $name } の問い合わせに失敗しています
    [timed_out] { nameservers } が応答しません
    [truncated] { nameservers } の応答が UDP では途中で切れ、TCP では得られません
   *[other] { nameservers } に { $name } を問い合わせできません
}
host-problem = { $stage ->
    [address] { $reason ->
        [nxdomain] { $names } のホスト名が存在しません
        [no_records] { $names } のホスト名にアドレスがありません
       *[other] { $names } のアドレスを調べられません
    }
    [tcp] { $reason ->
        [refused] { $names } が接続を拒否しています
        [timed_out] { $names } が接続要求に応答しません
        [unreachable] { $names } に到達できません
       *[other] { host-fails }
    }
    [rpc] { $reason ->
        [not_rpc] { $names } で待ち受けているプログラムは RPC サーバーではありません
        [not_kms] { $names } の RPC サーバーは KMS を提供していません
        [rejected] { $names } の RPC サーバーがバインドを拒否しています
        [closed] { $names } が応答せずに接続を閉じています
        [timed_out] { $names } は接続を受け付けますが、応答しません
       *[other] { host-fails }
    }
   *[other] { host-fails }
}
host-partly = { $reason ->
    [refused] { $host } は { $good } では応答しますが、{ $bad } では接続を拒否しています
    [timed_out] { $host } は { $good } では応答しますが、{ $bad } では応答しません
   *[other] { $host } は { $good } では応答しますが、{ $bad } では失敗しています ({ $stage } { $reason })
}
host-at-port = { $reason ->
    [refused] { $count ->
       *[other] { $names } が接続を拒否しています。通常のポートは 1688 です
    }
   *[timed_out] { $count ->
       *[other] { $names } が応答しません。通常のポートは 1688 です
    }
}
host-alias = { $reason ->
    [nxdomain] { $host } のエイリアス (CNAME) の参照先 { $alias } が DNS に存在しません
   *[other] { $host } のエイリアス (CNAME) の参照先 { $alias } にアドレスがありません
}
host-lacks-domain = SRV レコードが指す { $host } にドメイン名がなく、そのホストも見つかりません
host-fails = { $count ->
   *[other] { $names } が { $stage } で失敗しています ({ $reason })
}
own-clock-name = このコンピューターの時計
true-time-name = 正しい時刻
clock-offset = { $relation ->
    [ahead] { $one } が{ $two }より { $span }進んでいます
    [behind] { $one } が{ $two }より { $span }遅れています
   *[near] { $one } と{ $two }の差は最大 { $span }です
}
clock-problem = { $kind ->
    [unjudged] { $offset }。どちらが正しいかを示すタイム サーバーがありません
    [skewed] { $offset }。Windows の許容範囲は 4 時間です
    [own] { $offset }。KMS ホストの時刻は正確です
   *[tolerated] { $offset }
}
though-supported = { $statement }。ただし { $server } はこの時計と一致しています
by-one-server = { $statement } (根拠は { $server } のみ)
host-license-problem = { $host } の KMS ホスト ライセンス ({ $application }) の状態が「{ $status }」です
host-key-problem = { $host } の { $application } 用 KMS ホスト キーの 1 つが失効しています。ライセンス「{ $product }」の状態は「{ $status }」です
status-with-code = { $status } ({ $code }{ with-meaning })
with-meaning = { $meaning ->
    [none] { "" }
   *[other] 、{ $meaning }
}
client-count-problem = { $standing ->
    [low] { host-counts }。必要な { $most } 台をわずかに上回るだけです
    [too_low_for_some] { host-counts }。サーバーには十分ですが、Windows クライアントには { $most } 台必要です
    [too_low] { host-counts }。{ $least } 台必要です
   *[enough] { host-counts }。{ $most } 台必要です
}
host-counts = { $current ->
   *[other] { $host } の { $application } のカウントは { $current } 台です
}
several-hosts = { $kind ->
    [clock] { $names } の時計がずれています
    [license] { $names } の KMS ホスト ライセンスが失効しています
    [start] { $names } のキー管理サービスが開始できませんでした
    [low] { $names } のカウントは必要数をわずかに上回るだけです
    [too_low] { $names } のカウントが不足しています
   *[idle] どのクライアントも { $names } に要求を送っていません
}
failed-start-problem = { $code ->
    [none] { $host } のキー管理サービスが { $day } に開始できませんでした
   *[other] { $host } のキー管理サービスが { $day } に開始できませんでした ({ $code })
}
unpublished-problem = { $kind ->
    [off] { $host } は { $domain } にレコードを登録しません。DNS への自動登録が無効です
    [failed] { $host } は { $day } に { $domain } へレコードを登録できませんでした
   *[code] { $host } は { $day } に { $domain } へレコードを登録できませんでした ({ $code })
}
idle-host-problem = { $day } 以降、どのクライアントも { $host } に要求を送っていません (クライアントは通常 7 日ごとに更新します)
unexpected-hosts = { $expected ->
    [serve] DNS に想定外のホスト { $names } が登録されています。想定されるホストはすべて応答しています
   *[other] DNS に想定外のホスト { $names } が登録されています
}
missing-hosts = { $count ->
   *[other] DNS に想定されるホスト { $names } が登録されていません
}
disagreement = ネーム サーバー { $one } と { $two } で { $name } の優先順位または重みが異なります
nameserver-lacks = ネーム サーバー { $server } に { $names } がありません
both-lack = { $one }。{ $two }
others-lack = { $more ->
   *[other] { $one }。ほか { $more } 台のネーム サーバーにも不足があります
}
record-flaw = { $fault ->
    [address] { $name } の SRV レコードがホスト名ではなくアドレス { $target }{ and-more }を指しています
    [no_domain] { $name } の SRV レコードが指す { $target }{ and-more }にドメイン名がありません
    [no_service] { $name } に、KMS がないと宣言するレコード (ターゲット「.」) がホストのレコードと共にあります
   *[no_port] { $name } の SRV レコードが { $target }{ and-more }のポート 0 を指しています
}
left-out = { $kind ->
    [ports] DNS が示す { $host }{ and-more }は `allowed_ports` で除外されています
    [records] ネーム サーバー { $server } の { $host } には、監視対象のほかに { $count } 件のホストがあります
    [addresses] { $host } が示す { $address }{ and-more }は `allowed_networks` で除外されています
   *[more_addresses] { $host } には、監視対象のほかに { $count } 件のアドレスがあります
}
and-more = { $more ->
    [0] { " " }
   *[other] { " " }ほか { $more } 件
}
intermittent-problem = { $count ->
   *[other] { $names } が { $of } 回中 { $failures } 回失敗しています ({ $stage } { $reason })
}
perhaps-dead-backend = { $statement }。ロード バランサーの配下の 1 台が停止している可能性があります

## エンドポイントとプロキシ

proxy = プロキシ { $proxy }
for-role = { $role ->
    [vital] { $statement } (代わりのエンドポイントはありません)
    [revocation] { $statement } (失効リストの取得先)
   *[validation] { $statement } (検証の接続先)
}
lookup-problem = { $reason ->
    [nxdomain] { $count ->
       *[other] { $names } のホスト名が存在しません
    }
    [no_records] { $names } のホスト名にアドレスがありません
   *[other] { $names } のアドレスを調べられません
}
out-of-reach = { $count ->
   *[other] ほかのエンドポイントに到達できるどのプロキシを使っても { $names } に到達できません ({ $failures })
}
connection-problem = { $reason ->
    [refused] { $count ->
       *[other] { $names } が接続を拒否しています
    }
    [timed_out] { $names } への接続に応答がありません
    [unreachable] { $names } に到達できません
   *[other] { $names } への接続に失敗しています
}
passage-problem = { $reason ->
    [auth_required] プロキシ { $proxy } が認証 ({ $demands }) を要求していますが、Windows はライセンス認証で資格情報を送りません
    [auth_rejected] プロキシ { $proxy } がここで設定した資格情報を受け付けません。Windows はライセンス認証で資格情報を送りません
    [forbidden_by_proxy] プロキシ { $proxy } が { $names } への接続を禁止しています
    [proxy_bad_gateway] プロキシ { $proxy } が { $names } に到達できません
    [proxy_not_a_proxy] { $proxy } で応答しているのは、設定された種類のプロキシではありません
    [captive_portal] プロキシ { $proxy } が CONNECT に対し、{ $names } へのトンネルではなくページを返しています
    [timed_out] プロキシ { $proxy } は接続を受け付けますが、{ $names } について応答しません
    [closed] プロキシ { $proxy } が応答せずに接続を閉じています
   *[other] プロキシ { $proxy } が { $names } への接続を開きません
}
proxy-certificate-problem = { $reason ->
    [expiring] プロキシ { $proxy } の証明書の有効期限は { $day } です
   *[other] プロキシ { $proxy } の証明書が有効ではありません
}
certificate-problem = { $reason ->
    [expiring] { $names } の証明書の有効期限は { $day } です
    [not_yet_valid] { $judge ->
        [true_time] 正しい時刻では { $names } の証明書はまだ有効ではありません
        [own_clock] { $offset }。そのため { $names } の証明書が無効と判定されます
       *[clock] { $names } の証明書はまだ有効ではありません
    }
   *[expired] { $judge ->
        [true_time] 正しい時刻では { $names } の証明書の有効期限が切れています
        [own_clock] { $offset }。そのため { $names } の証明書が無効と判定されます
       *[clock] { $names } の証明書の有効期限が切れています
    }
}
tls-problem = { $reason ->
    [intercepted] { $names } への TLS 通信が途中で検査 (復号) されています
    [untrusted] { $names } の証明書が信頼されていません
    [name_mismatch] { $names } の証明書の名前が一致しません
    [tls_version] { $names } とこのコンピューターに共通する TLS のバージョンまたは暗号がありません
    [reset_in_handshake] { $names } との TLS ハンドシェイクがリセットされます
    [timed_out] { $names } との TLS ハンドシェイクが完了しません
    [not_tls] { $names } の応答が TLS ではありません
    [incomplete_chain] { $names } が中間証明書を送信していません
    [weak_signature] { $names } の証明書が SHA-1 で署名されており、Windows では信頼されません
    [weak_key] { $names } の証明書の RSA キーが 2048 ビット未満です
    [certificate_required] { $names } がクライアント証明書を要求しています。Windows はライセンス認証でクライアント証明書を送信しません
   *[other] { $names } との TLS ハンドシェイクに失敗しています
}
http-problem = { $reason ->
    [captive_portal] { $names } の代わりに別のものが応答しています
    [timed_out] { $names } からの応答が完了しません
    [not_http] { $names } の応答が HTTP ではありません
    [auth_required] { $names } の手前で、設定にないプロキシが認証を要求しています
    [certificate_required] { $names } がクライアント証明書を要求しています。Windows はライセンス認証でクライアント証明書を送信しません
   *[other] { $names } に要求を送信できません
}

## コンピューター

machines-report = { $urgency ->
    [lost] { $names } のライセンス認証が切れ{ $codes ->
        [0] ています (エラー コードの報告なし)
       *[other] 、{ codes-reported } を報告しています
    }
    [week] { $names } のライセンス認証がまもなく切れます ({ codes-reported })
   *[later] { $count ->
       *[other] { $codes ->
            [0] { $names } はエラー コードを報告していません
           *[other] { $names } が { codes-reported } を報告しています
        }
    }
}
codes-reported = { $codes ->
    [0] エラー コードの報告なし
    [1] { $code }
   *[other] { $code } など
}
machines-elsewhere = { $kind ->
    [clock_unread] { machines-report }。KMS ホストの時刻は読み取れません
    [clock_right] { machines-report }。KMS ホストの時刻は正確です
    [host] { machines-report }。ここから見た { $stage } は正常です
    [not_walked] { machines-report }。ここからの経路に { $stage } は含まれません
   *[passes] { machines-report }。ここからは { $stage } を通過できます
}
machines-cut-off = { $network ->
    [unknown] { machines-cut-off-there }{ machines-cut-off-here }
   *[known] { machines-cut-off-there } ({ $networks }){ machines-cut-off-here }
}
machines-cut-off-there = { $count ->
   *[other] { $names } 自身の確認では { $stage } で止まっています
}
machines-cut-off-here = { $passes ->
    [passes] 。ここからは { $stage } を通過できます
   *[not_walked] 。ここからの経路に { $stage } は含まれません
}
machines-of-host = { machines-report } (KMS ホスト側の問題)
machines-not-activated = { $urgency ->
    [lost] { $names } のライセンス認証が切れ{ $codes ->
        [0] ています (エラー コードの報告なし)
       *[other] 、{ codes-reported } を報告しています
    }
    [week] { $names } のライセンス認証が 7 日以内に切れます{ $codes ->
        [0] {" "}(エラー コードの報告なし)
       *[other] 。{ codes-reported } を報告しています
    }
   *[later] { $count ->
       *[other] { $names } のライセンス認証または更新が遅れて{ $codes ->
            [0] います (エラー コードの報告なし)
           *[other] おり、{ codes-reported } を報告しています
        }
    }
}
shared-ids-problem = { $ids ->
    [1] { $names } が 1 つのクライアント コンピューター ID を共有しており、1 台として数えられます
   *[other] { $names } が { $ids } 個のクライアント コンピューター ID を共有しており、ID ごとに 1 台として数えられます
}
not-volume-problem = { $count ->
   *[other] { $names } の MAK またはリテール キーはライセンス認証されていません。KMS ホストではライセンス認証できません
}
wrong-key-problem = { $count ->
    [1] { $names } に別のエディション ({ $edition }) 用の GVLK が設定されています (末尾 { $last_five })
   *[other] { $names } に別のエディション ({ $edition } など) 用の GVLK が設定されています (末尾 { $last_five })
}
evaluations-problem = { $count ->
   *[other] { $day ->
        [none] { $names } の評価期間が終了します。終了後、Windows は 1 時間ごとにシャットダウンします
       *[other] { $names } の評価期間が終了します (最初は { $day })。終了後、Windows は 1 時間ごとにシャットダウンします
    }
}
