// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rules about who is slow: the cohort, the instance, the tail. Each fires where it must and is silent beside
// it.
#include "import/importjob.h"
#include "session/ingest.h"
#include "store/workspace.h"

#include <QTest>

#include <functional>

using namespace tailscope;

namespace {

struct Request
{
    double ms = 10;
    QByteArray tenant = "t-1", instance = "i-1";
};

/// One root span a request, `everyMs` apart; what a function says of request i.
QByteArray otlp(int n, const std::function<Request(int)> &request, qint64 everyMs = 100)
{
    const auto text = [](const char *key, const QByteArray &value) {
        return QByteArray("{\"key\":\"") + key + "\",\"value\":{\"stringValue\":\"" + value + "\"}}";
    };
    QByteArray lines;
    for (int i = 0; i < n; ++i) {
        const Request one = request(i);
        const qint64 start = 1'772'445'600'000'000'000 + qint64(i) * everyMs * 1'000'000;
        lines += "{\"resourceSpans\":[{\"resource\":{\"attributes\":[" + text("service.name", "shop") + ','
            + text("service.instance.id", one.instance) + "]},\"scopeSpans\":[{\"spans\":[{\"traceId\":\""
            + QByteArray::number(i + 1).rightJustified(32, '0') + "\",\"spanId\":\""
            + QByteArray::number(i + 1).rightJustified(16, '0')
            + "\",\"name\":\"GET /cart\",\"kind\":2,\"startTimeUnixNano\":\"" + QByteArray::number(start)
            + "\",\"endTimeUnixNano\":\"" + QByteArray::number(start + qint64(one.ms * 1e6))
            + "\",\"attributes\":[" + text("tenant", one.tenant) + "]}]}]}]}\n";
    }
    return lines;
}

class Workspace
{
public:
    explicit Workspace(const QByteArray &lines)
    {
        auto created = store::Workspace::temporary();
        if (!created)
            qFatal("%s", created.error().toText().c_str());
        m_workspace = std::move(*created);
        const auto outcome = import::importText(*m_workspace, "shop.jsonl", lines.toStdString(), {}, {});
        if (!outcome)
            qFatal("%s", outcome.error().toText().c_str());
        const auto ready = session::refresh(*m_workspace, {outcome->sourceId}, true, {});
        if (!ready)
            qFatal("%s", ready.error().toText().c_str());
    }
    QString text(const QByteArray &sql) const
    {
        auto reader = m_workspace->connectReader();
        auto statement = reader->prepare(sql.toStdString());
        if (!statement)
            qFatal("%s", statement.error().toText().c_str());
        const auto row = statement->step();
        return row && *row ? QString::fromStdString(std::string(statement->text(0))) : QString();
    }
    QString severity(const char *rule) const
    {
        return text(QByteArray("SELECT severity FROM finding WHERE rule_id = '") + rule + '\'');
    }

private:
    std::unique_ptr<store::Workspace> m_workspace;
};

} // namespace

class TestCohortRules : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void cohortDifference();
    void instanceSubset();
    void tailDiverges();
};

void TestCohortRules::cohortDifference()
{
    const auto slowTenant = [](int slowOfTenant) {
        return [slowOfTenant](int i) {
            const bool slow = i % 100 == 0;
            const bool other = i % 3 == 1;
            return Request{slow ? 500.0 + i % 7 : 10.0 + i % 5,
                (slow ? (i / 100) % 10 < slowOfTenant : i % 100 == 51) ? "t-9"
                    : other                                            ? "t-1"
                                                                       : "t-2",
                i % 2 ? "i-1" : "i-2"};
        };
    };
    const Workspace found(otlp(6'000, slowTenant(9)));
    QCOMPARE(found.severity("dist-cohort-difference"), QStringLiteral("warning"));
    QCOMPARE(found.text("SELECT json_extract(evidence, '$.trait') FROM finding WHERE rule_id = "
                        "'dist-cohort-difference'"),
        QStringLiteral("tenant = t-9"));
    QCOMPARE(found.text(
                 "SELECT json_array_length(example_trace_ids) FROM cohort_difference WHERE key = 'tenant'"),
        QStringLiteral("5"));
    QCOMPARE(found.text(
                 "SELECT count(*) FROM trace WHERE id = (SELECT example_trace_id FROM cohort_difference "
                 "WHERE key = 'tenant') AND duration_ns > 500000000"),
        QStringLiteral("1"));
    // A fifth of the slow ones is not what they have in common.
    QCOMPARE(Workspace(otlp(6'000, slowTenant(2))).severity("dist-cohort-difference"), QString());
    // Nine slow requests are too few to say so.
    QCOMPARE(Workspace(otlp(900, slowTenant(9))).severity("dist-cohort-difference"), QString());
    // The same in both.
    const Workspace same(otlp(6'000, [](int i) {
        return Request{i % 100 == 0 ? 500.0 : 10.0 + i % 5, (i / 100 + i) % 2 ? "t-1" : "t-2", "i-1"};
    }));
    QCOMPARE(same.severity("dist-cohort-difference"), QString());
}

void TestCohortRules::instanceSubset()
{
    const auto slowOn = [](double ms, int instances) {
        return [ms, instances](int i) {
            const int place = i % instances;
            return Request{place == 2 ? ms : 80.0 + i % 3, "t-1", "i-" + QByteArray::number(place)};
        };
    };
    const Workspace found(otlp(5'000, slowOn(1'800, 4)));
    QCOMPARE(found.severity("dist-instance-subset"), QStringLiteral("critical"));
    QCOMPARE(found.text("SELECT json_extract(evidence, '$.slow_list') FROM finding WHERE rule_id = "
                        "'dist-instance-subset'"),
        QStringLiteral("i-2"));
    QCOMPARE(Workspace(otlp(5'000, slowOn(200, 4))).severity("dist-instance-subset"),
        QStringLiteral("warning"));
    QCOMPARE(Workspace(otlp(5'000, slowOn(120, 4))).severity("dist-instance-subset"), QString());
    QCOMPARE(Workspace(otlp(5'000, slowOn(1'800, 5))).severity("dist-instance-subset"),
        QStringLiteral("critical"));
    // 900 calls do not make a P99.
    QCOMPARE(Workspace(otlp(3'600, slowOn(1'800, 4))).severity("dist-instance-subset"), QString());
}

void TestCohortRules::tailDiverges()
{
    // 40 minutes, 5,000 in all; from the 25th minute on one in fifty takes 100 times as long.
    const auto tail = [](double slow, double usual) {
        return [slow, usual](int i) {
            const bool late = i >= 6'000;
            return Request{late && i % 50 == 0 ? slow : (late ? usual : 10.0) + i % 3 * 0.1, "t-1", "i-1"};
        };
    };
    const Workspace found(otlp(10'000, tail(1'000, 10), 240));
    QCOMPARE(found.severity("dist-tail-diverges"), QStringLiteral("critical"));
    QCOMPARE(found.text("SELECT start_ns FROM tail_divergence"),
        QString::number(1'772'445'600'000'000'000 + 1'500LL * 1'000'000'000));
    // Everything got slower: another rule.
    QCOMPARE(Workspace(otlp(10'000, tail(1'000, 20), 240)).severity("dist-tail-diverges"), QString());
    QCOMPARE(Workspace(otlp(10'000, tail(12, 10), 240)).severity("dist-tail-diverges"), QString());
    // Too few for a P99 of any window.
    QCOMPARE(Workspace(otlp(
                           3'000,
                           [](int i) {
                               return Request{i >= 2'000 && i % 50 == 0 ? 1'000.0 : 10.0, "t-1", "i-1"};
                           },
                           1'000))
                 .severity("dist-tail-diverges"),
        QString());
}

QTEST_GUILESS_MAIN(TestCohortRules)
#include "tst_cohortrules.moc"
