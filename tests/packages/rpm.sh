# The package for systems with RPM: its files, and a machine that takes it in, up, down and out again. Sourced.
# The machine is a Debian: what the package depends on is not in RPM's books there, hence --nodeps.

echo "rpm"
for release in 1 2; do
  CARGO_TARGET_DIR=$work cargo generate-rpm --payload-compress none --set-metadata "release = \"$release\""
done
rpm=$(echo "$work"/generate-rpm/*-1.*.rpm) newer=$(echo "$work"/generate-rpm/*-2.*.rpm)
rpmkeys --checksig "$rpm" >/dev/null
about() { rpm --query --package "$@" "$rpm"; }
equal "$(about --qf '[%{FILEUSERNAME}:%{FILEGROUPNAME}\n]' | sort --unique)" root:root
# c is a configuration, and n one that is not replaced.
equal "$(about --qf '[%{FILENAMES} %{FILEFLAGS:fflags}\n]' | awk '$2 ~ /c/')" "/etc/gracewatch/gracewatch.yaml cn"
contains "$(about --requires)" "libc.so.6(GLIBC_"

# Both packages have the same files, but for what belongs to either kind.
files() {
  sed 's|^\./|/|; s|\.gz$||; s|/CHANGELOG.md$|/changelog|; s|/zsh/site-functions/|/zsh/vendor-completions/|' |
    grep --invert-match --extended-regexp '/$|/(copyright|changelog.Debian|LICENSE)$|/lintian/' | sort
}
diff <(dpkg-deb --fsys-tarfile "$deb" | tar --list | files) <(about --list | files)

install_rpm() { inside rpm --upgrade --oldpackage --nodeps "/packages/$(basename "$1")" >>"$work/machine.log" 2>&1; }

boot "$debian" --bind-ro="$work/generate-rpm:/packages"
install_rpm "$rpm"
# On these systems the administrator starts it.
equal "$(property ActiveState)" inactive
inside systemctl start gracewatch
runs
inside rpm --verify --nodeps gracewatch
reloads
takes_reports
survives install_rpm "$newer"
survives install_rpm "$rpm"
inside rpm --erase --nodeps gracewatch 2>/dev/null
is_gone_but_for_its_data
equal "$(inside cat /etc/gracewatch/gracewatch.yaml.rpmsave)" "$configuration"
shut_down
