// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/archive.h"
#include "import/importjob.h"
#include "support/importhelpers.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

/// A tar entry: header of 512 bytes and the content in blocks.
std::string entry(const std::string &name, const std::string &content, char type = '0')
{
    std::string header(512, '\0');
    const auto put = [&](std::size_t at, const std::string &text) { header.replace(at, text.size(), text); };
    char size[16];
    std::snprintf(size, sizeof size, "%011zo", content.size());
    put(0, name.substr(0, 99));
    put(100, "0000644");
    put(124, size);
    put(136, "00000000000");
    put(148, "        ");
    header[156] = type;
    put(257,
        std::string("ustar\0"
                    "00",
            8));
    unsigned sum = 0;
    for (const char c : header)
        sum += static_cast<unsigned char>(c);
    char text[16];
    std::snprintf(text, sizeof text, "%06o", sum);
    put(148, std::string(text, 7) + ' ');
    std::string padded = content;
    padded.resize((content.size() + 511) / 512 * 512);
    return header + padded;
}

const std::string kEnd(1024, '\0');

std::string contentOf(Archive &archive, std::size_t index, std::size_t chunk = 100)
{
    if (!archive.seek(index))
        return "cannot seek";
    std::string out, buffer(chunk, '\0');
    for (;;) {
        const Result<std::size_t> count = archive.read(buffer.data(), chunk);
        if (!count)
            return "error: " + count.error().toText();
        if (*count == 0)
            return out;
        out.append(buffer, 0, *count);
    }
}

} // namespace

class TestArchive : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tarMembers();
    void compressedTar_data();
    void compressedTar();
    void zipMembers();
    void namesStayBelow();
    void isNoArchive_data();
    void isNoArchive();
    void cutOff();
    void bomb();
    void memberPaths();
    void innerArchive();

private:
    QString write(const char *name, const std::string &bytes);
    QTemporaryDir m_folder;
};

QString TestArchive::write(const char *name, const std::string &bytes)
{
    const QString path = m_folder.filePath(QLatin1String(name));
    QFile file(path);
    if (file.open(QIODevice::WriteOnly))
        file.write(bytes.data(), qint64(bytes.size()));
    return path;
}

void TestArchive::tarMembers()
{
    const std::string big(5000, 'x');
    const QString path = write("a.tar",
        entry("dir/", "", '5') + entry("dir/a.json", "one") + entry("b", big) + entry("link", "", '2')
            + entry("none", "") + kEnd);
    const auto archive = Archive::open(path.toStdString(), {});
    QVERIFY(archive && *archive);
    std::vector<std::string> names, reasons;
    for (const ArchiveMember &member : (*archive)->members()) {
        names.push_back(member.name);
        reasons.push_back(member.skipped);
    }
    QCOMPARE(names, std::vector<std::string>({"dir", "dir/a.json", "b", "link", "none"}));
    QCOMPARE(reasons, std::vector<std::string>({"a folder", "", "", "not a regular file", "empty"}));
    QCOMPARE((*archive)->members()[2].size, std::uint64_t(5000));
    QCOMPARE(contentOf(**archive, 1), std::string("one"));
    QCOMPARE(contentOf(**archive, 2), big);
    QCOMPARE(contentOf(**archive, 1), std::string("one")); // backwards
    QVERIFY((*archive)->checkUnchanged());
    write("a.tar", "another");
    QVERIFY(!(*archive)->checkUnchanged());
}

void TestArchive::compressedTar_data()
{
    QTest::addColumn<QString>("program");
    QTest::newRow("gzip") << QStringLiteral("gzip");
    QTest::newRow("zstd") << QStringLiteral("zstd");
}

void TestArchive::compressedTar()
{
    QFETCH(QString, program);
    const QString tool = QStandardPaths::findExecutable(program);
    if (tool.isEmpty())
        QSKIP("the program is not here");
    const std::string tar = entry("a", "one") + entry("b", "two") + kEnd;
    QProcess process;
    process.start(tool, {QStringLiteral("-c")});
    process.write(tar.data(), qint64(tar.size()));
    process.closeWriteChannel();
    QVERIFY(process.waitForFinished());
    const QString path = write("c.tar.x", process.readAllStandardOutput().toStdString());
    const auto archive = Archive::open(path.toStdString(), {});
    QVERIFY(archive && *archive);
    QCOMPARE((*archive)->members().size(), std::size_t(2));
    QCOMPARE(contentOf(**archive, 1), std::string("two"));
}

void TestArchive::zipMembers()
{
    const QString python = QStandardPaths::findExecutable(QStringLiteral("python3"));
    if (python.isEmpty())
        QSKIP("there is no python3");
    const QString path = m_folder.filePath(QStringLiteral("z.zip"));
    QCOMPARE(QProcess::execute(python,
                 {QStringLiteral("-c"),
                     QStringLiteral(
                         "import sys, zipfile\n"
                         "z = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)\n"
                         "z.writestr('d/', ''); z.writestr('d/a', 'one'); z.writestr('b', 'two' * 999)\n"
                         "z.writestr('__MACOSX/._a', 'x'); z.close()\n"),
                     path}),
        0);
    const auto archive = Archive::open(path.toStdString(), {});
    QVERIFY(archive && *archive);
    QCOMPARE((*archive)->members().size(), std::size_t(4));
    QCOMPARE((*archive)->members()[3].skipped, std::string("a note of macOS"));
    QCOMPARE(contentOf(**archive, 1), std::string("one"));
    QCOMPARE(contentOf(**archive, 2).size(), std::size_t(2997));
}

void TestArchive::namesStayBelow()
{
    const QString path = write("n.tar",
        entry("../../etc/passwd", "a") + entry("/abs/./x", "b") + entry("..", "c") + entry("etc/passwd", "d")
            + entry("bad\xFFname", "e") + kEnd);
    const auto archive = Archive::open(path.toStdString(), {});
    QVERIFY(archive && *archive);
    std::vector<std::string> names;
    for (const ArchiveMember &member : (*archive)->members())
        names.push_back(member.name);
    QCOMPARE(names,
        std::vector<std::string>(
            {"etc/passwd", "abs/x", "unnamed", "etc/passwd (2)", "bad\xEF\xBF\xBDname"}));
}

void TestArchive::isNoArchive_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("short") << QByteArray("{}");
    QTest::newRow("json") << QByteArray("{\"traceEvents\":[]}").repeated(100);
    QTest::newRow("nul") << QByteArray(4096, '\0');
    QTest::newRow("broken zip") << QByteArray("PK\x03\x04 and nothing behind it");
    QTest::newRow("broken gzip") << QByteArray("\x1F\x8B\x08 and nothing behind it");
}

void TestArchive::isNoArchive()
{
    QFETCH(QByteArray, bytes);
    const auto archive = Archive::open(write("x", bytes.toStdString()).toStdString(), {});
    QVERIFY(archive);
    QVERIFY(*archive == nullptr);
}

void TestArchive::cutOff()
{
    const std::string whole = entry("a", "one") + entry("b", std::string(5000, 'x')) + kEnd;
    const auto archive = Archive::open(write("cut.tar", whole.substr(0, 2000)).toStdString(), {});
    QVERIFY(archive && *archive);
    QCOMPARE(contentOf(**archive, 0), std::string("one"));
    QVERIFY((*archive)->members().size() == 2);
    QVERIFY(contentOf(**archive, 1).starts_with("error: "));
    QVERIFY(!(*archive)->damage().empty());
}

void TestArchive::bomb()
{
    // A header that promises 2 GiB in an archive of a kilobyte.
    std::string huge = entry("zeros", "x");
    huge.replace(124, 11, "20000000000");
    huge.replace(148, 8, "        ");
    unsigned sum = 0;
    for (std::size_t i = 0; i < 512; ++i)
        sum += static_cast<unsigned char>(huge[i]);
    char text[16];
    std::snprintf(text, sizeof text, "%06o", sum);
    huge.replace(148, 8, std::string(text, 7) + ' ');
    const auto archive = Archive::open(write("bomb.tar", huge + kEnd).toStdString(), {});
    QVERIFY(!archive);
    QCOMPARE(int(archive.error().code), int(ErrorCode::LimitExceeded));
    std::string many;
    for (std::size_t i = 0; i <= Archive::kMaxMembers; ++i)
        many += entry(std::to_string(i), "");
    const auto crowded = Archive::open(write("many.tar", many + kEnd).toStdString(), {});
    QVERIFY(!crowded);
    QCOMPARE(int(crowded.error().code), int(ErrorCode::LimitExceeded));
}

void TestArchive::memberPaths()
{
    const std::string path
        = write("m.tar", entry("d/a.folded", "main;f 5\n") + entry("b", "x") + kEnd).toStdString();
    QCOMPARE(Archive::splitPath(path + "/d/a.folded").archive.string(), path);
    QCOMPARE(Archive::splitPath(path + "/d/a.folded").member, std::string("d/a.folded"));
    QVERIFY(Archive::splitPath(path).member.empty());
    QVERIFY(Archive::splitPath("/no/such/file").member.empty());
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    const auto outcome = importFile(**workspace, path + "/d/a.folded", {}, {});
    QVERIFY2(outcome, outcome ? "" : outcome.error().toText().c_str());
    QCOMPARE(outcome->path, path + "/d/a.folded");
    QCOMPARE(outcome->rows, std::int64_t(1));
    const auto again = importFile(**workspace, path + "/d/a.folded", {}, {});
    QVERIFY(again && again->duplicateOf);
    const auto missing = importFile(**workspace, path + "/none", {}, {});
    QVERIFY(!missing);
    QCOMPARE(int(missing.error().code), int(ErrorCode::NotFound));
    // Places in a member are said with its name.
    const std::string broken
        = write("k.tar", entry("t.json", "{\"traceEvents\":[{\"ph\":") + entry("b", "x") + kEnd)
              .toStdString();
    const auto failed = importFile(**workspace, broken + "/b", {}, {});
    QVERIFY(!failed && failed.error().subject == broken + "/b");
}

void TestArchive::innerArchive()
{
    const std::string inner = entry("x", "main;f 5\n") + kEnd;
    const std::string path
        = write("o.tar", entry("in.tar", inner) + entry("in.zip", "PK\x03\x04....") + kEnd).toStdString();
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    for (const char *name : {"/in.tar", "/in.zip"}) {
        const auto outcome = importFile(**workspace, path + name, {}, {});
        QVERIFY(!outcome);
        QCOMPARE(int(outcome.error().code), int(ErrorCode::UnknownFormat));
        QVERIFY(outcome.error().detail.find("archive inside an archive") != std::string::npos);
    }
}

QTEST_GUILESS_MAIN(TestArchive)
#include "tst_archive.moc"
