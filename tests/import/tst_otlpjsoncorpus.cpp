// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlpjson.h"
#include "support/importhelpers.h"

#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

const QString kCorpus = QStringLiteral(TS_SHARED_DIR "/corpus/traces");

} // namespace

class TestOtlpJsonCorpus : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void facts_data();
    void facts();
};

void TestOtlpJsonCorpus::initTestCase()
{
    if (!QFileInfo::exists(kCorpus + QStringLiteral("/manifest.tsv")))
        QSKIP("the corpus of real files is not beside the checkout");
}

void TestOtlpJsonCorpus::facts_data()
{
    QTest::addColumn<QString>("facts");
    QFile manifest(kCorpus + QStringLiteral("/manifest.tsv"));
    QVERIFY(manifest.open(QIODevice::ReadOnly));
    for (const QByteArray &line : manifest.readAll().split('\n')) {
        const QList<QByteArray> fields = line.split('\t');
        if (fields.size() > 7 && fields[1] == "otlp-json")
            QTest::newRow(fields[0].constData()) << QString::fromUtf8(fields[7]);
    }
}

void TestOtlpJsonCorpus::facts()
{
    QFETCH(QString, facts);
    const std::string bytes
        = fileBytes(kCorpus + QLatin1Char('/') + QString::fromLatin1(QTest::currentDataTag()));
    QVERIFY(!bytes.empty());
    QVERIFY(int(otlpJsonImporter().sniff(std::string_view(bytes).substr(0, kSniffBytes), "x.json"))
        >= int(Confidence::Strong));
    const ReadOutcome outcome = readBytes(otlpJsonImporter(), bytes);
    QVERIFY(!outcome.error);
    const auto fact = [&](const char *name) {
        return QRegularExpression(QStringLiteral("(?:^| )%1=([^;]*)").arg(QLatin1String(name)))
            .match(facts)
            .captured(1);
    };
    const auto containing = [&](std::string_view word, std::string_view text) {
        int n = 0;
        for (const std::string &line : outcome.sink.linesOf(word))
            n += line.find(text) != std::string::npos ? 1 : 0;
        return n;
    };
    const int spans = fact("spans").toInt();
    if (outcome.hasIssue("no-time")) {
        // A span that nothing places in time is rejected with its place, not put into 1970.
        QCOMPARE(int(outcome.sink.count("span")) + int(outcome.report.rowsSkipped()), spans);
        QCOMPARE(outcome.report.rejects().size(), std::size_t(outcome.report.rowsSkipped()));
        return;
    }
    QCOMPARE(outcome.report.rowsSkipped(), 0);
    QCOMPARE(int(outcome.sink.count("span")), spans);
    QCOMPARE(int(outcome.sink.count("trace")), fact("traces").toInt());
    QCOMPARE(spans - containing("span", " parent="), fact("roots").toInt());
    QCOMPARE(int(outcome.sink.count("span_event")), fact("events").toInt());
    QCOMPARE(int(outcome.sink.count("span_link")), fact("links").toInt());
    QCOMPARE(containing("span", " status=error"), fact("error_status").toInt());
    for (const QString &service : fact("services").split(QLatin1Char('|'), Qt::SkipEmptyParts))
        QVERIFY2(containing("track", "service=\"" + service.toStdString() + "\"") > 0, qPrintable(service));
    QCOMPARE(readBytes(otlpJsonImporter(), bytes, 1).text() == outcome.text(), true);
}

QTEST_GUILESS_MAIN(TestOtlpJsonCorpus)
#include "tst_otlpjsoncorpus.moc"
