# $1 counts the versions that are now installed: 1 is the first. A preset says whether the distribution starts services.
systemd-sysusers gracewatch.conf
systemd-tmpfiles --create gracewatch.conf
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
fi
if [ "$1" -eq 1 ]; then
    systemctl --no-reload preset gracewatch.service || :
fi
