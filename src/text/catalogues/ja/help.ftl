### コマンド ラインの説明と、受け付けない引数についての文。各コマンドと引数の説明は arguments.ftl にある。

help-usage = 使用法: { $usage }
help-commands = コマンド
help-arguments = 引数
help-options = オプション
help-options-in-usage = [オプション]
help-environment = [環境変数: { $name }]
help-default = [既定値: { $value }]
help-values = [指定できる値: { $values }]
help-error = エラー:
help-similar = '{ $similar }' の間違いではありませんか
help-more = 詳細は '--help' を参照してください。

refused-value = '{ $argument }' の値 '{ $value }' は無効です
refused-value-for = '{ $argument }' の値 '{ $value }' は無効です: { $fault }
refused-without-value = '{ $argument }' には値が必要です
refused-many-values = '{ $argument }' に余分な値 '{ $value }' があります
refused-argument = 引数 '{ $argument }' はありません
refused-command = コマンド '{ $name }' はありません
refused-without-command = '{ $name }' にはサブコマンドが必要です
refused-conflict = 引数 '{ $argument }' は '{ $other }' と同時には使えません
refused-twice = 引数 '{ $argument }' を複数回は指定できません
refused-missing = 必要な引数がありません: { $arguments }
refused-not-utf8 = 引数に無効な UTF-8 が含まれています
language-unknown = 使用できる言語は { $known } です
