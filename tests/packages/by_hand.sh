# Without a package: the commands of the README, as they stand there, bring up the same service. Sourced.

echo "by hand"
commands=$(sed -n '/^## As a service$/,/^## /p' README.md | sed -n '/^```sh$/,/^```$/{/^```/d; /^cargo /d; p}')
contains "$commands" "systemctl"
boot "$debian" --bind-ro="$PWD/deploy:/source/deploy" --bind-ro="$work/release:/source/target/release"
inside sh -e -c "cd /source
$commands" >>"$work/machine.log" 2>&1
runs
reloads
shut_down
