#!/bin/sh
# Banli on PostgreSQL with several web and worker machines: all the commands there are.
#
# Every machine has the program, the same settings in its environment, and the same shared folder:
#   BANLI_DATABASE_URL   postgresql+psycopg://USER:PASSWORD@HOST:5432/DATABASE
#   BANLI_SECRET_KEY     signs the browsers' sessions; the same everywhere, or people are signed out at every click
#   BANLI_AUDIT_KEY      seals the history; the same everywhere, and never changed
#   BANLI_FILES          the shared folder of attachments and letters
#
# sh postgres_example.sh once           on one machine: after installing, and after every upgrade
# sh postgres_example.sh people         on one machine: the first accounts
# PORT=8000 sh postgres_example.sh web  on every web machine
# sh postgres_example.sh worker         on every worker machine
set -eu
: "${BANLI_DATABASE_URL:?}" "${BANLI_SECRET_KEY:?}" "${BANLI_AUDIT_KEY:?}" "${BANLI_FILES:?}"

case "$1" in
once)
    banli setup
    ;;
people)
    banli account create admin 系统管理员 --role administrator@office
    banli account create chen.jing 陈静 --role centre_clerk@centre
    banli account create wang.jianguo 王建国 --role office_reviewer@office
    banli account create li.guoqiang 李国强 --role bureau_leader@leaders
    ;;
web)
    exec gunicorn -c python:webapp.gunicorn_config -b "127.0.0.1:$PORT" webapp.wsgi:app
    ;;
worker)
    exec banli worker
    ;;
esac
