// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Jaeger, Zipkin and perf script against the counts of the real files, and who claims which file of all.
#include "import/jaegerjson/jaegerjson.h"
#include "import/perfscript/perfscript.h"
#include "import/zipkinjson/zipkinjson.h"
#include "support/importhelpers.h"

#include <map>
#include <set>

#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

const QString kCorpus = QStringLiteral(TS_SHARED_DIR "/corpus");
const QString kTraces = kCorpus + QStringLiteral("/traces");

/// The decompressed bytes of a file.
std::string contentOf(const QString &path)
{
    std::string bytes;
    auto source = FileSource::open(path.toStdString(), {});
    while (source) {
        const Result<std::string_view> chunk = (*source)->next();
        if (!chunk || chunk->empty())
            break;
        bytes += *chunk;
    }
    return bytes;
}

void addRows(const QByteArray &format)
{
    QTest::addColumn<QString>("facts");
    QFile manifest(kTraces + QStringLiteral("/manifest.tsv"));
    QVERIFY(manifest.open(QIODevice::ReadOnly));
    for (const QByteArray &line : manifest.readAll().split('\n')) {
        const QList<QByteArray> fields = line.split('\t');
        if (fields.size() > 7 && fields[1] == format)
            QTest::newRow(fields[0].constData()) << QString::fromUtf8(fields[7]);
    }
}

QString currentFile() { return kTraces + QLatin1Char('/') + QString::fromLatin1(QTest::currentDataTag()); }

QString fact(const QString &facts, const char *name)
{
    return QRegularExpression(
        QStringLiteral("(?:^| )%1=([^;]*)").arg(QRegularExpression::escape(QLatin1String(name))))
        .match(facts)
        .captured(1);
}

int containing(const ReadOutcome &outcome, std::string_view word, std::string_view text)
{
    int n = 0;
    for (const std::string &line : outcome.sink.linesOf(word))
        n += line.find(text) != std::string::npos ? 1 : 0;
    return n;
}

/// What a file of a folder of the corpus is.
std::string formatOf(const QString &folder)
{
    static const std::map<QString, std::string> formats{
        {QStringLiteral("jaeger-json"), "jaeger-json"},
        {QStringLiteral("zipkin-json"), "zipkin-json"},
        {QStringLiteral("perf-script"), "perf-script"},
        {QStringLiteral("otlp-json"), "otlp-json"},
        {QStringLiteral("chrome"), "chrome-trace"},
        {QStringLiteral("collapsed"), "collapsed"},
        {QStringLiteral("jaeger-critical-path"), "jaeger-json"},
    };
    const auto found = formats.find(folder);
    return found != formats.end() ? found->second : std::string();
}

} // namespace

class TestTraceCorpus : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void jaeger_data() { addRows("jaeger-json"); }
    void jaeger();
    void zipkin_data() { addRows("zipkin-json"); }
    void zipkin();
    void perf_data() { addRows("perf-script"); }
    void perf();
    void claims();
};

void TestTraceCorpus::initTestCase()
{
    if (!QFileInfo::exists(kTraces + QStringLiteral("/manifest.tsv")))
        QSKIP("the corpus of real files is not beside the checkout");
}

void TestTraceCorpus::jaeger()
{
    QFETCH(QString, facts);
    const std::string bytes = contentOf(currentFile());
    QVERIFY(!bytes.empty());
    const int spans = fact(facts, "spans").toInt();
    const Confidence confidence
        = jaegerJsonImporter().sniff(std::string_view(bytes).substr(0, kSniffBytes), "x");
    if (spans == 0) {
        // A request of Elasticsearch's bulk interface written down by a test of Jaeger: no file of spans.
        QCOMPARE(readBytes(jaegerJsonImporter(), bytes).report.rowsRead(), 0);
        return;
    }
    QVERIFY(int(confidence) >= int(Confidence::Strong));
    const ReadOutcome outcome = readBytes(jaegerJsonImporter(), bytes);
    QVERIFY2(!outcome.error, outcome.text().c_str());
    QCOMPARE(outcome.report.rowsSkipped(), 0);
    QCOMPARE(int(outcome.sink.count("span")), spans);
    const int roots = spans - containing(outcome, "span", " parent=");
    if (fact(facts, "traces") != QLatin1String("0")) {
        QCOMPARE(roots, fact(facts, "roots").toInt());
        QCOMPARE(int(outcome.sink.count("trace")), fact(facts, "traces").toInt());
        QCOMPARE(containing(outcome, "span", " status=error"), fact(facts, "error_tags").toInt());
        QCOMPARE(int(outcome.sink.count("span_event")), fact(facts, "logs").toInt());
        // A reference is a parent or a link; one that follows is a link too.
        QVERIFY(int(outcome.sink.count("span_link")) + spans - roots >= fact(facts, "references").toInt());
    }
    QCOMPARE(readBytes(jaegerJsonImporter(), bytes, 1).text() == outcome.text(), true);
}

void TestTraceCorpus::zipkin()
{
    QFETCH(QString, facts);
    const std::string bytes = contentOf(currentFile());
    QVERIFY(!bytes.empty());
    QVERIFY(int(zipkinJsonImporter().sniff(std::string_view(bytes).substr(0, kSniffBytes), "x"))
        >= int(Confidence::Strong));
    const ReadOutcome outcome = readBytes(zipkinJsonImporter(), bytes);
    QVERIFY2(!outcome.error, outcome.text().c_str());
    if (fact(facts, "spans").isEmpty()) {
        QCOMPARE(outcome.report.rowsRead(), 1); // the one whose facts nobody counted
        return;
    }
    const int spans = fact(facts, "spans").toInt();
    // A span that nothing places in time is rejected with its place.
    const int rejected = int(outcome.report.rowsSkipped());
    QCOMPARE(int(outcome.report.rejects().size()), rejected);
    for (const ImportReport::Reject &reject : outcome.report.rejects())
        QCOMPARE(reject.kind, std::string("no-time"));
    QCOMPARE(int(outcome.sink.count("span")) + rejected, spans);
    QCOMPARE(int(outcome.sink.count("trace")), fact(facts, "traces").toInt());
    QCOMPARE(spans - containing(outcome, "span", " duration="), fact(facts, "no_duration").toInt());
    QCOMPARE(int(outcome.sink.count("span_event")), fact(facts, "annotations").toInt());
    const QString kinds = fact(facts, "kinds");
    if (rejected == 0) {
        const auto count = [&](const char *name) {
            return QRegularExpression(QStringLiteral("%1:(\\d+)").arg(QLatin1String(name)))
                .match(kinds)
                .captured(1)
                .toInt();
        };
        QCOMPARE(containing(outcome, "span", " kind=client"), count("CLIENT"));
        QCOMPARE(containing(outcome, "span", " kind=server"), count("SERVER"));
        QCOMPARE(containing(outcome, "span", " kind=producer"), count("PRODUCER"));
        QCOMPARE(containing(outcome, "span", " kind=consumer"), count("CONSUMER"));
    }
    QCOMPARE(readBytes(zipkinJsonImporter(), bytes, 7).text() == outcome.text(), true);
}

void TestTraceCorpus::perf()
{
    QFETCH(QString, facts);
    const std::string bytes = contentOf(currentFile());
    QVERIFY(!bytes.empty());
    QVERIFY(int(perfScriptImporter().sniff(std::string_view(bytes).substr(0, kSniffBytes), "x"))
        >= int(Confidence::Strong));
    const ReadOutcome outcome = readBytes(perfScriptImporter(), bytes);
    QVERIFY2(!outcome.error && outcome.report.rowsSkipped() == 0, outcome.text().c_str());
    const int samples = fact(facts, "samples(header lines)").toInt();
    QVERIFY(samples > 0);
    QCOMPARE(int(outcome.sink.count("sample")), samples);
    QVERIFY(!outcome.hasIssue("no-stack"));
    std::set<std::string> threads;
    std::map<std::string, int> perProfile;
    for (const std::string &line : outcome.sink.linesOf("sample")) {
        const QString text = QString::fromStdString(line);
        threads.insert(
            QRegularExpression(QStringLiteral("thread=\"([^\"]*)\"")).match(text).captured(1).toStdString());
        ++perProfile
            [QRegularExpression(QStringLiteral(" profile=(\\d+)")).match(text).captured(1).toStdString()];
    }
    QCOMPARE(int(threads.size()), fact(facts, "comm/pid/tid").toInt());
    // Every event is a profile of its own, with its samples.
    const QStringList events = fact(facts, "events").split(QLatin1Char(','));
    QCOMPARE(int(outcome.sink.count("profile")), int(events.size()));
    for (const QString &event : events) {
        const QString name = event.section(QLatin1Char(':'), 0, -2);
        for (const std::string &line : outcome.sink.linesOf("profile")) {
            const QString text = QString::fromStdString(line);
            if (text.contains(QStringLiteral(" name=\"%1\"").arg(name)))
                QCOMPARE(perProfile[text.section(QLatin1Char(' '), 1, 1).toStdString()],
                    event.section(QLatin1Char(':'), -1).toInt());
        }
    }
    QCOMPARE(readBytes(perfScriptImporter(), bytes, 7).text() == outcome.text(), true);
}

void TestTraceCorpus::claims()
{
    const std::set<std::string> ours{"jaeger-json", "zipkin-json", "perf-script", "access-log",
        "request-log"};
    QStringList wrong;
    int files = 0;
    QDirIterator it(kCorpus, QDir::Files, QDirIterator::Subdirectories);
    while (it.hasNext()) {
        const QString path = it.next();
        const std::string bytes = contentOf(path).substr(0, kSniffBytes);
        const QString folder = QFileInfo(path).dir().dirName();
        // What Jaeger makes of an OTLP file, kept beside that file.
        const bool isAnswer
            = path.endsWith(QLatin1String("expected/jaeger-ui__fixtures__otlp2jaeger-out.json"));
        const std::string expected = isAnswer ? "jaeger-json" : formatOf(folder);
        const Importer *importer = sniffImporter(bytes, "upload");
        const std::string claimed(importer != nullptr ? importer->descriptor().id : "");
        ++files;
        const bool isBulkRequest = path.endsWith(QLatin1String("testdata__write_span.json"));
        const bool stolen = ours.count(claimed) > 0 && claimed != expected;
        const bool missed = ours.count(expected) > 0 && claimed != expected && !isBulkRequest;
        if (stolen || missed)
            wrong << path.mid(kCorpus.size()) + QStringLiteral(": ") + QString::fromStdString(claimed);
    }
    QVERIFY(files > 200);
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
}

QTEST_GUILESS_MAIN(TestTraceCorpus)
#include "tst_tracecorpus.moc"
