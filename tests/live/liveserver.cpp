// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "liveserver.h"

#include <libpq-fe.h>

#include <QProcess>
#include <QTest>

namespace tailscope::tests {

QString LiveServer::missing()
{
    if (qEnvironmentVariableIsSet("TS_LIVE_PRIMARY"))
        return {};
    const QString reason = qEnvironmentVariable("TS_LIVE_MISSING");
    return reason.isEmpty()
        ? QStringLiteral("no servers: run this test by ctest, or tests/live/withserver.sh once TEST")
        : reason;
}

std::string LiveServer::conninfo(const char *name) { return qEnvironmentVariable(name).toStdString(); }

std::optional<QString> LiveServer::run(std::initializer_list<std::string_view> verb)
{
    constexpr int kSeconds = 120;
    QStringList words;
    for (const std::string_view word : verb)
        words.append(QString::fromUtf8(word.data(), static_cast<qsizetype>(word.size())));
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setStandardInputFile(QProcess::nullDevice());
    const QStringList arguments
        = QStringList{words.value(0), qEnvironmentVariable("TS_LIVE_DIR")} + words.mid(1);
    process.start(qEnvironmentVariable("TS_LIVE_FIXTURE"), arguments);
    if (!process.waitForFinished(kSeconds * 1000)) {
        process.kill();
        process.waitForFinished(5000);
        return QStringLiteral("fixture.sh %1: no end after %2 s").arg(words.join(u' ')).arg(kSeconds);
    }
    if (process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0)
        return {};
    return QStringLiteral("fixture.sh %1: %2").arg(words.join(u' '), QString::fromUtf8(process.readAll()));
}

void LiveServer::reset()
{
    if (const auto error = run({"reset"}))
        QTest::qFail(qPrintable(*error), __FILE__, __LINE__);
}

Psql::Psql(const std::string &conninfo)
    : m_connection(PQconnectdb(conninfo.c_str()))
{}

Psql::~Psql() { PQfinish(m_connection); }

bool Psql::isOpen() const { return PQstatus(m_connection) == CONNECTION_OK; }

std::string Psql::error() const { return PQerrorMessage(m_connection); }

std::vector<std::vector<std::string>> Psql::rows(const std::string &sql)
{
    std::vector<std::vector<std::string>> result;
    PGresult *answer = PQexec(m_connection, sql.c_str());
    const ExecStatusType status = PQresultStatus(answer);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        const QByteArray text = QByteArrayLiteral("psql: ") + PQerrorMessage(m_connection) + sql.c_str();
        QTest::qFail(text.constData(), __FILE__, __LINE__);
    }
    for (int row = 0; row < PQntuples(answer); ++row) {
        auto &cells = result.emplace_back();
        for (int column = 0; column < PQnfields(answer); ++column) {
            cells.emplace_back(
                PQgetisnull(answer, row, column) != 0 ? "NULL" : PQgetvalue(answer, row, column));
        }
    }
    PQclear(answer);
    return result;
}

std::string Psql::value(const std::string &sql)
{
    const auto all = rows(sql);
    return all.empty() || all.front().empty() ? std::string() : all.front().front();
}

double Psql::number(const std::string &sql) { return QByteArray::fromStdString(value(sql)).toDouble(); }

} // namespace tailscope::tests
