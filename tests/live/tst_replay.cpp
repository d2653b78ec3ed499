// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the live views show of a moment while it is recorded, and what they show of it when the file is opened
// later, is the same; and it is what the server and pgbench counted.
#include "analysis/activehistory.h"
#include "analysis/statementrange.h"
#include "items/blockingquery.h"
#include "items/livequery.h"
#include "items/sessionquery.h"
#include "recording.h"

#include <QRegularExpression>
#include <QTemporaryDir>

#include <chrono>
#include <cmath>
#include <vector>

using namespace tailscope;
using namespace tailscope::tests;

namespace {

/// What is committed this long after a moment is whole: servers answer one after the other, and texts of new
/// statements are asked for every ten seconds.
constexpr Nanos kSettled = 30 * kNanosPerSecond;

/// As long as TS_REPLAY_SECONDS says; 600 s is a ten-minute run by hand.
int recordedSeconds() { return std::max(20, qEnvironmentVariableIntValue("TS_REPLAY_SECONDS")); }

QString line(const std::vector<double> &values)
{
    QStringList cells;
    for (const double value : values)
        cells.append(std::isnan(value) ? QStringLiteral("-") : QString::number(value, 'g', 9));
    return cells.join(u' ');
}

Nanos now()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::system_clock::now().time_since_epoch())
        .count();
}

struct Shown
{
    TimeRange window;
    QString figures;
};

template<typename T>
QString known(const std::optional<T> &value)
{
    return value ? QString::number(double(*value), 'g', 12) : QStringLiteral("?");
}

/// The dashboard.
QString pictureOf(const store::Workspace &workspace, const TimeRange &window)
{
    const auto answer = items::readLive(workspace, window, nullptr, {});
    if (!answer)
        return QString::fromStdString(answer.error().toText());
    QStringList out;
    for (const items::LiveServer &server : answer->picture.servers) {
        out.append(QString::fromStdString(server.name + ' ' + server.version) + u' '
            + known(server.connections) + u' ' + known(server.maxConnections) + u' '
            + known(server.oldestTransactionNs) + u' ' + known(server.longestWaitMs) + u' '
            + known(server.sizeBytes));
        for (std::size_t i = 0; i < server.lines.size(); ++i)
            out.append(QStringLiteral("  %1: %2").arg(i).arg(line(server.lines[i])));
    }
    for (const items::LiveReplica &replica : answer->picture.replicas)
        out.append(QString::fromStdString("replica " + replica.name + ": ") + line(replica.lagSeconds) + u' '
            + line(replica.bytesBehind));
    for (const items::LivePool &pool : answer->picture.pools)
        out.append(QString::fromStdString("pool " + pool.name + ": ") + line(pool.active) + u' '
            + line(pool.capacity) + u' ' + line(pool.waiting));
    return out.join(u'\n');
}

/// Sessions and who blocks whom.
QString sessionsOf(const store::Workspace &workspace, const TimeRange &window)
{
    items::StatementTexts texts;
    const auto list = items::sessionList(workspace, window.end, texts, {});
    const auto blocking = items::blockingContent(workspace, window.end, window, texts, {});
    if (!list || !blocking)
        return QStringLiteral("cannot be read");
    QStringList out;
    for (const items::SessionItem &item : list->items)
        out.append(QStringLiteral("%1 %2 %3 %4 %5 blocks %6")
                       .arg(item.server)
                       .arg(item.row.pid)
                       .arg(QString::fromStdString(
                           item.row.state + ' ' + item.row.waitType + ' ' + item.row.waitEvent))
                       .arg(item.row.xactStart)
                       .arg(QString::fromStdString(item.query))
                       .arg(item.blocks.size()));
    for (const items::BlockingServer &server : blocking->servers)
        out.append(QStringLiteral("roots %1 blocked %2 deepest %3")
                       .arg(server.forest.roots)
                       .arg(server.forest.blocked)
                       .arg(server.forest.deepest));
    return out.join(u'\n');
}

/// Waits and statements of the range.
QString loadOf(const store::Workspace &workspace, const TimeRange &window)
{
    auto reader = workspace.connectReader();
    if (!reader)
        return QString::fromStdString(reader.error().toText());
    analysis::ActivityRequest waits;
    waits.range = window;
    waits.group = analysis::ActivityGroup::WaitEvent;
    const auto activity = analysis::readActivity(*reader, waits, {});
    analysis::StatementRangeRequest asked;
    asked.range = window;
    const auto statements = analysis::readStatementRange(*reader, asked, {});
    if (!activity || !statements)
        return QStringLiteral("cannot be read");
    QStringList out;
    for (const analysis::ActivityPart &part : activity->parts)
        out.append(QString::fromStdString(part.key) + QStringLiteral(": %1 ").arg(part.average, 0, 'g', 9)
            + line(part.bins));
    for (const analysis::StatementInRange &one : statements->statements)
        out.append(QStringLiteral("statement %1: %2 calls %3 ms")
                       .arg(QString::fromStdString(one.queryId))
                       .arg(one.growth.calls)
                       .arg(one.growth.totalMs, 0, 'g', 12));
    return out.join(u'\n');
}

QString figuresOf(const store::Workspace &workspace, const TimeRange &window)
{
    return pictureOf(workspace, window) + QStringLiteral("\n---\n") + sessionsOf(workspace, window)
        + QStringLiteral("\n---\n") + loadOf(workspace, window);
}

/// "" when equal, else the first line that differs.
QString difference(const QString &before, const QString &after)
{
    const QStringList a = before.split(u'\n'), b = after.split(u'\n');
    for (qsizetype i = 0; i < std::max(a.size(), b.size()); ++i) {
        if (a.value(i) != b.value(i))
            return QStringLiteral("live:     %1\nreplayed: %2").arg(a.value(i), b.value(i));
    }
    return {};
}

std::vector<live::Target> targets()
{
    std::vector<live::Target> list;
    for (const auto &[name, kind] : {std::pair{"TS_LIVE_PRIMARY", live::TargetKind::Postgres},
             std::pair{"TS_LIVE_REPLICA", live::TargetKind::Postgres},
             std::pair{"TS_LIVE_BOUNCER", live::TargetKind::Pgbouncer}})
        list.push_back(live::parseTarget(LiveServer::conninfo(name), kind).value_or(live::Target{}));
    return list;
}

} // namespace

class TestReplay : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sameFiguresAsLive();
};

void TestReplay::sameFiguresAsLive()
{
    TS_NEED_LIVE_SERVER();
    const int seconds = recordedSeconds();
    QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("replay.tailscope")).toStdString();
    std::vector<Shown> live;
    Psql super(LiveServer::conninfo("TS_LIVE_SUPER"));
    super.rows("SELECT pg_stat_statements_reset()");
    {
        auto opened = store::Workspace::open(path);
        QVERIFY(opened);
        const std::shared_ptr<store::Workspace> workspace = std::move(*opened);
        auto attachment = live::Attachment::start(workspace, targets(), {});
        QVERIFY(attachment);
        // The first sample of statements is where differences begin.
        QTRY_VERIFY_WITH_TIMEOUT(queryText(*workspace, "SELECT count(*) FROM statement_sample").toInt() > 0,
            60'000);
        const Nanos began = now();
        TS_FIXTURE("write", std::to_string(seconds), "3");
        TS_FIXTURE("block", "16");
        // Longer than statements take to be asked again, so that the last call is counted.
        while (now() < began + (seconds + 40) * kNanosPerSecond) {
            QTest::qWait(2000);
            const Nanos end = now() - kSettled;
            const TimeRange window{std::max(began - kSettled, end - 300 * kNanosPerSecond), end};
            live.push_back({window, figuresOf(*workspace, window)});
        }
        QVERIFY((*attachment)->stop());
    }
    QVERIFY(live.size() >= 6);
    auto again = store::Workspace::open(path, true);
    QVERIFY(again);
    for (const Shown &shown : live) {
        const QString problem = difference(shown.figures, figuresOf(**again, shown.window));
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
    // Not two times nothing.
    QVERIFY2(live.back().figures.contains(QLatin1String("statement ")), qPrintable(live.back().figures));
    bool isBlocked = false;
    for (const Shown &shown : live)
        isBlocked = isBlocked
            || shown.figures.contains(QRegularExpression(QStringLiteral("roots 1 blocked [2-9]")));
    QVERIFY(isBlocked);

    const QString counted = QString::fromStdString(super.value(
        "SELECT sum(calls)::bigint FROM pg_stat_statements WHERE query LIKE 'UPDATE pgbench_accounts%'"));
    const QString recorded = queryText(**again,
        "SELECT max(x.calls) - min(x.calls), max(x.calls) FROM statement_sample AS x JOIN statement AS s"
        " ON s.id = x.statement_id WHERE s.normalized LIKE 'UPDATE pgbench_accounts%'");
    qInfo("%d s, %zu moments compared; updates counted by the server %s, recorded (grown|last) %s", seconds,
        live.size(), qPrintable(counted), qPrintable(recorded));
    QCOMPARE(recorded.section(u'|', 1, 1), counted);
}

QTEST_GUILESS_MAIN(TestReplay)
#include "tst_replay.moc"
