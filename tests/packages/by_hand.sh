# Without a package: the commands of docs/install/linux.md, as they are there, bring up the same service. Sourced.

echo "by hand"
commands=$(sed -n '/^## By hand$/,/^## /p' docs/install/linux.md | sed -n '/^```sh$/,/^```$/{/^```/d; /^cargo /d; p}')
contains "$commands" "systemctl"
boot "$debian" --bind-ro="$PWD/deploy:/source/deploy" --bind-ro="$work/release:/source/target/release"
inside sh -e -c "cd /source
$commands" >>"$work/machine.log" 2>&1
runs
reloads
shut_down
