// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Every importer under the common hostile list, with the seeds of the fuzzers as samples.
#include "support/importhelpers.h"

#include <set>

#include <QDir>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

QDir seedsOf(const Importer &importer)
{
    const auto id = importer.descriptor().id;
    return QDir(QStringLiteral(TS_SOURCE_DIR "/tests/fuzz/seeds/")
        + QString::fromUtf8(id.data(), static_cast<qsizetype>(id.size())));
}

} // namespace

class TestHostile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void survives_data();
    void survives();
    void isSniffed_data() { survives_data(); }
    void isSniffed();
    void goldenInputsAreSniffed();
    void sniffsNothingInNoise();
    void describesItself();
};

void TestHostile::survives_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("path");
    for (const Importer *importer : builtinImporters()) {
        const QDir seeds = seedsOf(*importer);
        const QString id = seeds.dirName();
        const QStringList files = seeds.entryList(QDir::Files, QDir::Name);
        if (files.isEmpty())
            QTest::addRow("%s without a seed", qPrintable(id)) << id << QString();
        for (const QString &file : files)
            QTest::addRow("%s/%s", qPrintable(id), qPrintable(file)) << id << seeds.filePath(file);
    }
}

void TestHostile::survives()
{
    QFETCH(QString, id);
    QFETCH(QString, path);
    QVERIFY2(!path.isEmpty(), "put a small sample of the format into tests/fuzz/seeds/<id>/");
    const Importer *importer = importerById(id.toStdString());
    QVERIFY(importer != nullptr);
    const QString problems = hostileProblems(*importer, fileBytes(path));
    QVERIFY2(problems.isEmpty(), qPrintable(problems));
}

void TestHostile::isSniffed()
{
    QFETCH(QString, id);
    QFETCH(QString, path);
    QVERIFY(!path.isEmpty());
    const std::string bytes = fileBytes(path);
    // By content alone: the extension is no help here.
    const Importer *importer = sniffImporter(bytes, "upload.txt");
    QVERIFY2(importer != nullptr, "nobody claims it");
    QCOMPARE(std::string(importer->descriptor().id), id.toStdString());
}

void TestHostile::goldenInputsAreSniffed()
{
    // A new format must not take the files of an older one.
    const QString golden = QStringLiteral(TS_SOURCE_DIR "/tests/golden/");
    QStringList wrong;
    int inputs = 0;
    for (const QString &format : QDir(golden).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) {
        const QDir cases(golden + format);
        for (const QString &name : cases.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) {
            const QDir folder(cases.filePath(name));
            // Such a case names its format, or says that nobody reads its input.
            const std::string options = fileBytes(folder.filePath(QStringLiteral("options")));
            if (options.find("format=") != std::string::npos
                || folder.exists(QStringLiteral("expected-error")))
                continue;
            for (const QString &file : folder.entryList({QStringLiteral("input*")}, QDir::Files)) {
                auto source = FileSource::open(folder.filePath(file).toStdString(), {});
                QVERIFY(source);
                const Result<std::string_view> prefix = (*source)->peek(kSniffBytes);
                QVERIFY(prefix);
                const Importer *importer = sniffImporter(*prefix, file.toStdString());
                ++inputs;
                if (importer == nullptr || importer->descriptor().id != format.toStdString())
                    wrong << folder.filePath(file);
            }
        }
    }
    QVERIFY(inputs > 20);
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
}

void TestHostile::sniffsNothingInNoise()
{
    for (const std::string &bytes : {std::string(), std::string("\0\0\0\0", 4), std::string(5000, '\xFF'),
             std::string("\n\n\n"), std::string("{"), std::string("["), std::string("{}"), std::string("[]"),
             std::string("hello world, this is a letter\nwith two lines\n"),
             std::string("<!DOCTYPE html><html><body>404</body></html>")}) {
        const Importer *importer = sniffImporter(bytes, "upload");
        // An empty array or object may be a trace without events; nobody may be sure of it.
        if (importer != nullptr)
            QVERIFY2(importer->sniff(bytes, "upload") < Confidence::Strong, bytes.c_str());
        if (bytes.size() > 2)
            QVERIFY2(importer == nullptr, bytes.c_str());
    }
}

void TestHostile::describesItself()
{
    std::set<std::string_view> ids;
    for (const Importer *importer : builtinImporters()) {
        const FormatDescriptor &descriptor = importer->descriptor();
        QVERIFY(ids.insert(descriptor.id).second);
        QVERIFY(!descriptor.title.empty() && !descriptor.help.empty() && !descriptor.globs.empty());
        QVERIFY(importerById(descriptor.id) == importer);
    }
    QVERIFY(importerById("no-such-format") == nullptr);
    QVERIFY(ids.size() >= 3);
}

QTEST_GUILESS_MAIN(TestHostile)
#include "tst_hostile.moc"
