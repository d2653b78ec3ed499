// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Every file of the corpus of traces by the way a user's file takes: content decides what it is, rows go into
// a workspace, counts are those of the manifest; what is not read says so, names what it is and how to
// convert it.
#include "import/importjob.h"
#include "support/importhelpers.h"

#include <cstring>
#include <map>

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;

namespace {

const QString kTraces = QStringLiteral(TS_SHARED_DIR "/corpus/traces");

struct Fact
{
    QString format, facts;
};

std::map<QString, Fact> readManifest()
{
    std::map<QString, Fact> manifest;
    QFile file(kTraces + QStringLiteral("/manifest.tsv"));
    if (!file.open(QIODevice::ReadOnly))
        return manifest;
    file.readLine();
    while (!file.atEnd()) {
        const QStringList fields = QString::fromUtf8(file.readLine()).split(QLatin1Char('\t'));
        if (fields.size() > 7)
            manifest[fields[0]] = {fields[1], fields[7]};
    }
    return manifest;
}

std::optional<double> fact(const QString &facts, const char *name)
{
    const auto match = QRegularExpression(
        QStringLiteral("(?:^| )%1=(-?[0-9.]+)(?:;|$)").arg(QRegularExpression::escape(QLatin1String(name))))
                           .match(facts);
    return match.hasMatch() ? std::optional(match.captured(1).toDouble()) : std::nullopt;
}

double number(const store::Workspace &workspace, const char *sql)
{
    auto database = workspace.connectReader();
    auto query = database ? database->prepare(sql) : tl::unexpected(database.error());
    const auto row = query ? query->step() : tl::unexpected(query.error());
    return row && *row ? query->real(0) : -1;
}

/// What the manifest counts, and the query that counts it in a workspace.
struct Count
{
    const char *format, *fact, *sql;
};
constexpr Count kCounts[] = {
    {"otlp-json", "spans", "SELECT count(*) + (SELECT rows_skipped FROM source) FROM span"},
    {"otlp-json", "traces", "SELECT count(*) FROM trace"},
    {"otlp-json", "events", "SELECT count(*) FROM span_event"},
    {"otlp-json", "links", "SELECT count(*) FROM span_link"},
    {"jaeger-json", "spans", "SELECT count(*) FROM span"},
    {"jaeger-critical-path", "spans", "SELECT count(*) FROM span"},
    {"zipkin-json", "spans", "SELECT count(*) + (SELECT rows_skipped FROM source) FROM span"},
    {"perf-script", "samples(header lines)", "SELECT total(count) FROM sample"},
    {"collapsed", "total_weight", "SELECT total(weight) FROM sample"},
    {"cpuprofile", "samples", "SELECT total(count) FROM sample"},
    {"heapprofile", "total_selfSize_bytes", "SELECT total(weight) FROM sample"},
    {"chrome", "X_spans", "SELECT count(*) FROM span"}, // at least
};

/// What the message about a file of a folder names, where it is not read.
const std::map<QString, std::vector<std::string>> kNamed{
    {QStringLiteral("firefox"), {"Firefox"}},
    {QStringLiteral("go-trace"), {"execution trace of Go"}},
    {QStringLiteral("perf.data"), {"perf.data"}},
    {QStringLiteral("perfetto-diff"), {"Firefox"}}, // the one of Gecko's markers
    {QStringLiteral("other"), {"ftrace", "HTML", "Google Cloud Trace"}},
    {QStringLiteral("pprof"), {"pprof's old text form", "gperftools"}},
};

} // namespace

class TestCorpusAll : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isReadOrExplained_data();
    void isReadOrExplained();
};

void TestCorpusAll::isReadOrExplained_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("facts");
    const auto manifest = readManifest();
    QDirIterator it(kTraces, QDir::Files, QDirIterator::Subdirectories);
    while (it.hasNext()) {
        const QString name = it.next().mid(kTraces.size() + 1);
        const auto entry = manifest.find(name);
        const Fact facts = entry != manifest.end() ? entry->second : Fact{};
        QTest::newRow(qPrintable(name)) << it.filePath() << facts.format << facts.facts;
    }
    if (manifest.empty())
        QTest::newRow("no corpus") << QString() << QString() << QString();
}

void TestCorpusAll::isReadOrExplained()
{
    QFETCH(QString, path);
    QFETCH(QString, format);
    QFETCH(QString, facts);
    if (path.isEmpty())
        QSKIP("the corpus of real files is not beside the checkout");
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    const auto outcome = importFile(**workspace, path.toStdString(), {}, {});
    if (!outcome) {
        const Error &error = outcome.error();
        QVERIFY2(error.subject.find(path.toStdString()) != std::string::npos, error.toText().c_str());
        QVERIFY2(error.code == ErrorCode::UnknownFormat || error.code == ErrorCode::BadInput,
            error.toText().c_str());
        QVERIFY2(!error.detail.empty() && !error.hint.empty(), error.toText().c_str());
        if (format.isEmpty())
            return; // an expectation that lies beside its input
        const auto named = kNamed.find(format);
        const bool expected = named != kNamed.end()
            && std::any_of(named->second.begin(), named->second.end(),
                [&](const std::string &word) { return error.detail.find(word) != std::string::npos; });
        // A request of Elasticsearch's bulk interface, written down by a test of Jaeger.
        const bool isRequest = path.endsWith(QLatin1String("testdata__write_span.json"));
        QVERIFY2(expected || isRequest, error.toText().c_str());
        return;
    }
    if (format.isEmpty())
        return;
    // Every loss is told, with its place.
    QVERIFY(outcome->rowsRead > 0 || !outcome->issues.empty());
    QVERIFY(outcome->rowsSkipped == 0 || !outcome->issues.empty());
    for (const Count &count : kCounts) {
        const auto expected = fact(facts, count.fact);
        // Records that were rejected are in no count but one that adds them.
        const bool counted = outcome->rowsSkipped == 0 || strstr(count.sql, "rows_skipped") != nullptr
            || format == QLatin1String("chrome");
        if (format != QLatin1String(count.format) || !expected || !counted)
            continue;
        const double got = number(**workspace, count.sql);
        if (format == QLatin1String("chrome"))
            QVERIFY2(got + double(outcome->rowsSkipped) >= *expected, count.fact);
        else
            QVERIFY2(qAbs(got - *expected) <= 1e-6 * qMax(1.0, qAbs(*expected)),
                qPrintable(QStringLiteral("%1: %2 instead of %3")
                               .arg(QLatin1String(count.fact))
                               .arg(got)
                               .arg(*expected)));
    }
}

QTEST_GUILESS_MAIN(TestCorpusAll)
#include "tst_corpusall.moc"
