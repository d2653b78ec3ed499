// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/chrometrace/chrometrace.h"
#include "support/importhelpers.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

const QString kCorpus = QStringLiteral(TS_SHARED_DIR "/corpus/traces");

/// Bytes of a file as the importers see them (inflated).
std::string inflated(const QString &path)
{
    std::string bytes;
    const auto source = FileSource::open(path.toStdString(), {});
    while (source) {
        const auto chunk = (*source)->next();
        if (!chunk || chunk->empty())
            break;
        bytes += *chunk;
    }
    return bytes;
}

qint64 number(const QJsonValue &value)
{
    return value.isString() ? value.toString().toLongLong() : qint64(value.toDouble());
}

/// Samples of V8 profiles and of the top level, counted by another parser.
qint64 samplesOf(const QJsonDocument &document)
{
    const QJsonObject top = document.object();
    const QJsonArray events
        = document.isArray() ? document.array() : top[QStringLiteral("traceEvents")].toArray();
    qint64 samples = top[QStringLiteral("samples")].toArray().size();
    for (const QJsonValue &value : events) {
        const QJsonObject event = value.toObject();
        const QString name = event[QStringLiteral("name")].toString();
        const QJsonObject data = event[QStringLiteral("args")].toObject()[QStringLiteral("data")].toObject();
        const QJsonObject cpu = data[QStringLiteral("cpuProfile")].toObject();
        const QJsonValue deltas = data.contains(QStringLiteral("timeDeltas"))
            ? data[QStringLiteral("timeDeltas")]
            : cpu[QStringLiteral("timeDeltas")];
        if (name == QLatin1String("ProfileChunk") || name == QLatin1String("CpuProfile"))
            samples += qMin(cpu[QStringLiteral("samples")].toArray().size(), deltas.toArray().size());
        else if (event[QStringLiteral("ph")].toString() == QLatin1String("P")
            && name != QLatin1String("Profile"))
            ++samples;
    }
    return samples;
}

/// Ends of flows of version 2, and objects that name an instant as a CPU profile.
qint64 boundFlowsOf(const QJsonDocument &document)
{
    const QJsonArray events
        = document.isArray() ? document.array() : document.object()[QStringLiteral("traceEvents")].toArray();
    qint64 flows = 0;
    for (const QJsonValue &value : events) {
        const QJsonObject event = value.toObject();
        const auto set = [&](const char *key) {
            const QJsonValue flag = event[QLatin1String(key)];
            return flag.toBool() || number(flag) == 1;
        };
        flows += event.contains(QStringLiteral("bind_id")) && (set("flow_in") || set("flow_out")) ? 1 : 0;
    }
    return flows;
}

/// "X:4,B:8" of the facts.
QHash<QChar, qint64> phasesOf(const QString &facts)
{
    QHash<QChar, qint64> phases;
    const QString list = QRegularExpression(QStringLiteral("phases=([^;]*)")).match(facts).captured(1);
    for (const QString &phase : list.split(QLatin1Char(','), Qt::SkipEmptyParts))
        phases[phase.at(0)] = phase.mid(2).toLongLong();
    return phases;
}

qint64 issueCount(const ReadOutcome &outcome, const char *kind)
{
    for (const ImportReport::Issue &issue : outcome.report.issues()) {
        if (issue.kind == kind)
            return issue.count;
    }
    return 0;
}

} // namespace

class TestChromeTraceCorpus : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void facts_data();
    void facts();
    void perfetto_data();
    void perfetto();
};

void TestChromeTraceCorpus::initTestCase()
{
    if (!QFileInfo::exists(kCorpus + QStringLiteral("/manifest.tsv")))
        QSKIP("the corpus of real files is not beside the checkout");
}

void TestChromeTraceCorpus::facts_data()
{
    QTest::addColumn<QString>("facts");
    QFile manifest(kCorpus + QStringLiteral("/manifest.tsv"));
    QVERIFY(manifest.open(QIODevice::ReadOnly));
    for (const QByteArray &line : manifest.readAll().split('\n')) {
        const QList<QByteArray> fields = line.split('\t');
        if (fields.size() > 7 && fields[1] == "chrome")
            QTest::newRow(fields[0].constData()) << QString::fromUtf8(fields[7]);
    }
}

/// Spans are complete events, begins (closed or not) and asynchronous begins; ends without a begin are
/// counted, and nothing else of these files may be skipped.
void TestChromeTraceCorpus::facts()
{
    QFETCH(QString, facts);
    const QString path = kCorpus + QLatin1Char('/') + QString::fromLatin1(QTest::currentDataTag());
    const std::string bytes = inflated(path);
    QVERIFY(!bytes.empty());
    const QString fileName = QFileInfo(path).fileName();
    QVERIFY(int(chromeTraceImporter().sniff(std::string_view(bytes).substr(0, kSniffBytes),
                fileName.toStdString()))
        >= int(Confidence::Likely));
    const ReadOutcome outcome = readBytes(chromeTraceImporter(), bytes);
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");

    QHash<QChar, qint64> n = phasesOf(facts);
    const auto sum = [&](const char *phases) {
        qint64 total = 0;
        for (; *phases; ++phases)
            total += n.value(QLatin1Char(*phases));
        return total;
    };
    const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(bytes));
    qint64 asInstant = 0;
    if (!document.isNull()) {
        QCOMPARE(qint64(outcome.sink.count("sample")), samplesOf(document));
        QCOMPARE(qint64(outcome.sink.count("flow")), sum("stf") + boundFlowsOf(document));
        asInstant = bytes.find("\"name\":\"CpuProfile\"") != std::string::npos && sum("P") == 0 ? 1 : 0;
    }
    QCOMPARE(qint64(outcome.sink.count("span")), sum("XBbS"));
    QCOMPARE(qint64(outcome.sink.count("span_event")), sum("iIRnTpNOD()") - asInstant);
    const qint64 unmatched
        = issueCount(outcome, "unmatched-end") + issueCount(outcome, "unmatched-async-end");
    const qint64 unfinished
        = issueCount(outcome, "unfinished-begin") + issueCount(outcome, "unfinished-async");
    QCOMPARE(qint64(outcome.report.rowsSkipped()), unmatched);
    QCOMPARE(sum("EeF") - unmatched, sum("BbS") - unfinished);
    if (sum("BE") + sum("X") + sum("M") == sum("XBEMbenSTpFstfiIRCNODPvVc()")) {
        const qint64 threads
            = QRegularExpression(QStringLiteral(" threads=(\\d+)")).match(facts).captured(1).toLongLong();
        QCOMPARE(qint64(outcome.sink.count("track")), threads);
    }
    QCOMPARE(readBytes(chromeTraceImporter(), bytes, 4096).text() == outcome.text(), true);
}

void TestChromeTraceCorpus::perfetto_data()
{
    QTest::addColumn<QStringList>("expected");
    const auto row = [](const char *file, const QStringList &expected) { QTest::newRow(file) << expected; };
    // What Perfetto's own expectations say, in the words of our rows. Left out: asynchronous events that its
    // queries do not look at, and thread_state_sched, whose processors we do not keep.
    row("json__invalid_string_ts_and_dur",
        {QStringLiteral("!bad-duration 1"), QStringLiteral("!bad-time 1")});
    row("json__string_ts_trailing_chars", {QStringLiteral("!bad-duration 1"), QStringLiteral("!bad-time 1")});
    row("json__json_counter_args",
        {QStringLiteral("metric=\"CounterStringEdgeCases leading_dot\""), QStringLiteral("value=0.75"),
            QStringLiteral("value=1.23"), QStringLiteral("value=50"), QStringLiteral("value=10.5"),
            QStringLiteral("value=246"), QStringLiteral("!counter-not-a-number 5")});
    row("json__json_flow",
        {QStringLiteral("operation=\"BeginEvent\" category=\"cat1\" start=100000"),
            QStringLiteral("!unmatched-end 1")});
    row("json__json_id2_local_int_id",
        {QStringLiteral("operation=\"write\" kind=async start=1750244461563845000 duration=167000")});
    row("json__json_incomplete",
        {QStringLiteral("start=4619295550000 duration=8000000"), QStringLiteral("!unclosed-array 1")});
    row("json__json_metadata",
        {QStringLiteral(
             "operation=\"ActivityOnThread31\" category=\"test_cat_setup\" start=790000 duration=25000"),
            QStringLiteral("operation=\"EventMissingCatAndArgs\" start=900000 duration=50000"),
            QStringLiteral(
                "operation=\"PidOnlyEvent\" category=\"special_pids\" start=960000 duration=10000"),
            QStringLiteral("process=\"pid 33\" thread=\"tid 33\""),
            QStringLiteral("process=\"pid 0\" thread=\"tid 0\""),
            QStringLiteral("process=\"MyProcess30 (pid 30)\" thread=\"MyRevisedThread31Name (tid 31)\""),
            QStringLiteral("metric=\"MyCounters[counter_group_1] counter3_str_num\"")});
    row("json__json_metadata_missing_or_invalid_ts", {});
    row("json__json_pid_tid_zero",
        {QStringLiteral(
             "operation=\"RoutineControl Reeq\" category=\"Reeq\" kind=async start=0 duration=4000"),
            QStringLiteral("operation=\"31 \" category=\"Reeq\" kind=async start=0 duration=1000"),
            QStringLiteral("operation=\"RoutineControl\" category=\"Reeq\" kind=async start=0 duration=1000"),
            QStringLiteral("operation=\"01 \" category=\"Reeq\" kind=async start=1000 duration=1000"),
            QStringLiteral(
                "operation=\"startRoutine\" category=\"Reeq\" kind=async start=1000 duration=1000"),
            QStringLiteral("operation=\"02 03 \" category=\"Reeq\" kind=async start=2000 duration=2000"),
            QStringLiteral(
                "operation=\"Routine Identifier\" category=\"Reeq\" kind=async start=2000 duration=2000")});
    row("json__json_sort_index_hints", {QStringLiteral("process_sort=-2 thread_sort=5")});
    row("json__json_thread_state",
        {QStringLiteral("ts=1000000 thread=\"TestThread (tid 101)\" state=\"Running\" weight=5e+06"),
            QStringLiteral("ts=6000000 thread=\"TestThread (tid 101)\" state=\"S\" weight=1e+07"),
            QStringLiteral("function=\"wait_on_page_locked\""),
            QStringLiteral("ts=26000000 thread=\"TestThread (tid 101)\" state=\"Running\" weight=4e+06")});
    row("json__json_trace_metadata",
        {QStringLiteral("!top-level:metadata 1"), QStringLiteral("operation=\"slice\"")});
    row("json__string_pid_tid",
        {QStringLiteral("process=\"foo\" thread=\"bar\""),
            QStringLiteral("operation=\"name.exec\" category=\"aaa\" start=5100 duration=500100")});
    row("json__string_tts_and_tdur",
        {QStringLiteral("start=400000 duration=100000"),
            QStringLiteral("\"thread_ts_ns\":integer 390500,\"thread_duration_ns\":integer 80500")});
    row("json__trailing_empty_event", {QStringLiteral("operation=\"real_event\" start=1000 duration=2000")});
    row("parsing__display_time_unit_slices",
        {QStringLiteral("start=1597071955492308000 duration=211463000")});
    for (const char *file : {"parsing__same_ts_duration_slice_then_zero_duration_slice_unnesting",
             "parsing__same_ts_two_duration_slice_unnesting",
             "parsing__same_ts_two_zero_duration_slice_nesting"})
        row(file,
            {QStringLiteral("span 1 track=1 operation=\"Slice 1\""),
                QStringLiteral("span 2 track=1 operation=\"Slice 2\"")});
}

void TestChromeTraceCorpus::perfetto()
{
    QFETCH(QStringList, expected);
    const QString path = kCorpus + QStringLiteral("/perfetto-diff/")
        + QString::fromLatin1(QTest::currentDataTag()) + QStringLiteral(".json");
    const ReadOutcome outcome = readBytes(chromeTraceImporter(), fileBytes(path));
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    const QString rows = QString::fromStdString(outcome.sink.text());
    QStringList issues;
    for (const std::string &issue : outcome.issues())
        issues << QString::fromStdString(issue);
    for (const QString &part : expected) {
        if (part.startsWith(QLatin1Char('!')))
            QVERIFY2(issues.contains(part.mid(1)),
                qPrintable(part + QLatin1Char('\n') + issues.join(QLatin1Char('\n'))));
        else
            QVERIFY2(rows.contains(part), qPrintable(part + QLatin1Char('\n') + rows));
    }
    // Rows that Perfetto expects not to be there.
    const bool refused = !expected.isEmpty() && expected.first().startsWith(QLatin1String("!bad"));
    QVERIFY(!refused || outcome.sink.count("span") == 0);
}

QTEST_GUILESS_MAIN(TestChromeTraceCorpus)
#include "tst_chrometracecorpus.moc"
