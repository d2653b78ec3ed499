// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/foreignformats.h"
#include "import/importjob.h"
#include "support/importhelpers.h"

#include <QDir>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

class TestForeignFormats : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isNamed_data();
    void isNamed();
    void isRefused();
    void takesNoReadableFile();
};

void TestForeignFormats::isNamed_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("id");
    const auto row = [](const char *id, const std::string &bytes) {
        QTest::addRow("%s %d", id, int(bytes.size())) << QByteArray::fromStdString(bytes) << QByteArray(id);
    };
    row("python-pickle", "\x80\x04\x95\x0c\0\0\0\0\0\0\0]\x94"s);
    row("python-pickle", "\x80\x02}q\0(X\1\0\0\0aK\1u."s);
    row("python-pstats", "{\xA9\x03\xDA\x01~\xE9\0\0\0\0"s);
    row("python-pstats", "\xFB)\x03z\x05a.py"s);
    row("java-serialized", "\xAC\xED\0\5sr\0\x11java.util.HashMap"s);
    row("jfr", "FLR\0\0\2\0\0"s);
    row("perf-data", "PERFILE2\x68\0\0\0\0\0\0\0"s);
    row("go-trace", "go 1.22 trace\0\0\0\1"s);
    row("nettrace", "Nettrace\x14\0\0\0!FastSerialization.1"s);
    row("xctrace", "<?xml version=\"1.0\"?>\n<trace-query-result>"s);
    row("tracy", "tlZ\4\x10\0\0\0"s);
    row("tracy", "tZst\x10\0\0\0"s);
    row("perfetto", "\n\x04\x40\x05\x50\x01\n\x04\x40\x06\x50\x01"s);
    row("ruby-marshal", "\4\b{\x0d:\x0cversion"s);
    row("php-serialized", "a:12:{s:6:\"main()\";a:2:{");
    row("gatling-binary", "\0\0\0\0\6"s + "3.13.1" + std::string(20, '\0'));
    row("vegeta-gob",
        "\x76\xFF\x81\3\1\1\6Result\1\xFF\x82\1\x0C\1\6"s + "Attack\1\x0C\1\3Seq\1\6\1\4" + "Code\1\6\1\x09"
            + "Timestamp\1\xFF\x84\1\7Latency\1\4\1\x08" + "BytesOut\1\6");
    row("sqlite", "SQLite format 3\0"s);
    row("", "hello world, this is a letter\n");
    row("", "{\"meta\":1}");
    row("", "");
    row("", "{}");
    row("", "\n\n\n\n\n\n");
}

void TestForeignFormats::isNamed()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, id);
    const ForeignFormat *format = foreignFormat(bytes.toStdString());
    QCOMPARE(format == nullptr ? std::string() : std::string(format->id), id.toStdString());
    if (format == nullptr)
        return;
    QVERIFY(!format->what.empty() && !format->convert.empty());
    // No importer takes it in spite of that.
    const Result<const Importer *> chosen = chooseImporter({}, bytes.toStdString(), "upload");
    QVERIFY(!chosen);
    QVERIFY(chosen.error().detail.find(format->what) != std::string::npos);
    QVERIFY(chosen.error().hint.find(format->convert) != std::string::npos);
}

void TestForeignFormats::isRefused()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    const auto outcome = importText(**workspace, "pickle", "\x80\x04\x95\x0c\0\0\0\0\0\0\0]\x94."s, {}, {});
    QVERIFY(!outcome);
    QCOMPARE(int(outcome.error().code), int(ErrorCode::UnknownFormat));
    QVERIFY(outcome.error().detail.find("does not read it") != std::string::npos);
    const auto unknown = importText(**workspace, "letter", "hello world, this is a letter\n", {}, {});
    QVERIFY(!unknown);
    QVERIFY(unknown.error().hint.find("otlp-json") != std::string::npos);
}

/// The inputs of all golden cases are read; none may be refused by its first bytes.
void TestForeignFormats::takesNoReadableFile()
{
    int files = 0;
    for (const Importer *importer : builtinImporters()) {
        const std::string id(importer->descriptor().id);
        const QDir seeds(QStringLiteral(TS_SOURCE_DIR "/tests/fuzz/seeds/") + QString::fromStdString(id));
        for (const QString &name : seeds.entryList(QDir::Files)) {
            const std::string bytes = fileBytes(seeds.filePath(name));
            const auto chosen = chooseImporter({}, std::string_view(bytes).substr(0, kSniffBytes), "upload");
            QVERIFY2(chosen, qPrintable(seeds.filePath(name)));
            ++files;
        }
    }
    QVERIFY(files > 30);
}

QTEST_GUILESS_MAIN(TestForeignFormats)
#include "tst_foreignformats.moc"
