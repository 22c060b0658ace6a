# Sourced once by the image's entrypoint, when the data folder is new: a role and a database for each
# service, that no other one may connect to.
for database in $DATABASES; do
  variable="PASSWORD_$database"
  psql --set=ON_ERROR_STOP=1 --username postgres --dbname postgres \
    --set=name="$database" --set=password="${!variable}" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
