# $1 counts the versions that stay. An upgrade restarts the service where it runs. The store is kept, and so is the user.
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
    if [ "$1" -ge 1 ]; then
        systemctl try-restart gracewatch.service || :
    fi
fi
