#!/bin/sh
# Create the certificates of one cluster: sh certificates.sh FOLDER [DAYS]
#
# Writes ca.pem, which all machines need; ca-key.pem, which only signs more certificates; and a
# certificate and key for each of scheduler, worker and client. Who has a key may run code on the
# cluster: give each machine only its own.
set -eu
umask 077
folder=${1:?"usage: sh certificates.sh FOLDER [DAYS]"}
days=${2:-200}
mkdir -p "$folder"
cd "$folder"
if [ -e ca-key.pem ]; then
    echo "There are certificates in $folder: choose another folder." >&2
    exit 1
fi
key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
# shellcheck disable=SC2086
openssl req -x509 $key -days "$days" -subj "/CN=grading cluster" \
    -addext basicConstraints=critical,CA:TRUE -keyout ca-key.pem -out ca.pem 2>/dev/null
for role in scheduler worker client; do
    # shellcheck disable=SC2086
    openssl req -x509 -CA ca.pem -CAkey ca-key.pem $key -days "$days" -subj "/CN=$role" \
        -addext basicConstraints=critical,CA:FALSE \
        -addext extendedKeyUsage=serverAuth,clientAuth \
        -keyout "$role-key.pem" -out "$role.pem" 2>/dev/null
done
echo "Certificates for $days days are in $folder; keep ca-key.pem in a separate, safe place."
