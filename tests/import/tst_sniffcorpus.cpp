// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "profilestacks.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Stacks = std::vector<std::string>;

class TestSniffCorpus : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void namesEachFile_data();
    void namesEachFile();
};

void TestSniffCorpus::namesEachFile_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("format");
    for (const char *folder : {"traces", "plans"}) {
        const QDir corpus(QStringLiteral(TS_SHARED_DIR "/corpus/") + QLatin1String(folder));
        QFile manifest(corpus.filePath(QStringLiteral("manifest.tsv")));
        if (!manifest.open(QIODevice::ReadOnly))
            continue;
        manifest.readLine();
        while (!manifest.atEnd()) {
            const QStringList fields = QString::fromUtf8(manifest.readLine()).split(QLatin1Char('\t'));
            if (fields.size() > 7)
                QTest::newRow(qPrintable(fields[0])) << corpus.filePath(fields[0]) << fields[1];
        }
    }
    if (!QDir(traceCorpus()).exists())
        QTest::newRow("no corpus") << QString() << QString();
}

void TestSniffCorpus::namesEachFile()
{
    QFETCH(QString, path);
    QFETCH(QString, format);
    if (!QFile::exists(path))
        QSKIP("the corpus is not beside the checkout");
    const auto source = FileSource::open(path.toStdString(), {});
    if (!source)
        QSKIP("not a file that opens");
    const auto prefix = (*source)->peek(kSniffBytes);
    if (!prefix)
        QSKIP("its first bytes cannot be read");
    const Importer *importer = sniffImporter(*prefix, "upload");
    const std::string id = importer == nullptr ? "nobody" : std::string(importer->descriptor().id);
    static const std::map<QString, std::string> kIds{{QStringLiteral("speedscope"), "speedscope"},
        {QStringLiteral("cpuprofile"), "cpuprofile"}, {QStringLiteral("heapprofile"), "heapprofile"},
        {QStringLiteral("pprof"), "pprof"}, {QStringLiteral("pyinstrument"), "pyinstrument"},
        {QStringLiteral("stackprof"), "stackprof"}, {QStringLiteral("d3-flame-json"), "d3-flame-graph"},
        {QStringLiteral("callgrind"), "callgrind"}, {QStringLiteral("firefox"), "firefox"}};
    // The older forms of pprof lie in the same folder.
    if (format == QLatin1String("pprof") && id == "pprof-legacy")
        return;
    auto own = kIds.find(format);
    // The tests of Perfetto hold files of other formats too; their names say which.
    if (path.contains(QStringLiteral("/gecko__")))
        own = kIds.find(QStringLiteral("firefox"));
    if (own == kIds.end()) {
        // Nobody of these takes a file of another format.
        for (const auto &[name, other] : kIds)
            QVERIFY2(id != other, qPrintable(format + QLatin1String(" was taken for ") + name));
    } else {
        QCOMPARE(id, own->second);
    }
}

QTEST_GUILESS_MAIN(TestSniffCorpus)
#include "tst_sniffcorpus.moc"
