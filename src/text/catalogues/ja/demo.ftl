### `gracewatch demo`: このコンピューターの上の会社と、起こせる障害。

demo-taken = { $address } は使用中のため、別のポートで待ち受けます。
demo-open = ブラウザーで { $url } を開いてください。このコンピューターの上に架空の会社があり、実際の測定で監視しています。
demo-faults = 画面で、または `curl -d on=true { $url }demo/NAME` で切り替えられる障害: { $known }
demo-other-site = 別のサイトのページからデモの障害を切り替えることはできません。
demo-stop = Ctrl+C で終了し、保存したものを削除します。

## 起こせる障害。ボタンに表示します。

demo-fault = { $fault ->
    [closed-port] ベルリンの KMS ポートを閉じる
    [lost-srv-record] 東京の SRV レコードが消える
    [rogue-host] 未知の KMS ホストが DNS にある
    [skewed-clock] KMS ホストの時計が 5 時間遅れる
    [low-count] KMS ホストのカウントが足りない
    [half-load-balancer] 接続が 2 回に 1 回切れる
    [proxy-login] プロキシが資格情報を求める
    [intercepting-proxy] プロキシが TLS を復号する
   *[shared-key] 多数で共用するキーがブロックされる
}
demo-fault-unknown = 障害の名前は次のいずれかです: { $known }
demo-no-such-fault = この名前の障害はありません。`{ $near }` のことですか?

## 開始できない理由

demo-no-server = デモのサーバーをループバックで開始できません: { $error }
demo-no-folder = デモが一時フォルダーに書き込めません: { $error }
