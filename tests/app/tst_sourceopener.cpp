// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Opening file and line of a frame: what is run, and that nothing a profile says becomes a command.
#include "app/sourceopener.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace tailscope;
using namespace tailscope::app;

class TestSourceOpener : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void places();
    void argumentsOfTheEditor();
    void pathsAreMapped();
    void missingFilesSaySo();
    void startsTheEditorWithoutAShell();
};

void TestSourceOpener::places()
{
    QCOMPARE(parsePlace(QStringLiteral("/src/a.c:12")).file, QStringLiteral("/src/a.c"));
    QCOMPARE(parsePlace(QStringLiteral("/src/a.c:12")).line, 12);
    QCOMPARE(parsePlace(QStringLiteral("/src/a.c")).line, 0);
    QCOMPARE(parsePlace(QStringLiteral("/src/odd:name")).file, QStringLiteral("/src/odd:name"));
    QCOMPARE(parsePlace(QStringLiteral("/src/a.c:-3")).file, QStringLiteral("/src/a.c:-3"));
    QCOMPARE(parsePlace(QString()).file, QString());
}

void TestSourceOpener::argumentsOfTheEditor()
{
    const SourcePlace place{QStringLiteral("/src/my file; rm -rf %l.c"), 7};
    QCOMPARE(editorArguments(QStringLiteral("code -g %f:%l"), place),
        (QStringList{QStringLiteral("code"), QStringLiteral("-g"),
            QStringLiteral("/src/my file; rm -rf %l.c:7")}));
    QCOMPARE(editorArguments(QStringLiteral("\"/opt/my editor\" +%l"), place),
        (QStringList{QStringLiteral("/opt/my editor"), QStringLiteral("+7"), place.file}));
    QCOMPARE(editorArguments(QStringLiteral("vi +%l %f"), {QStringLiteral("a.c"), 0}).at(1),
        QStringLiteral("+1"));
    QVERIFY(editorArguments(QString(), place).isEmpty());
    QVERIFY(editorArguments(QStringLiteral("   "), place).isEmpty());
}

void TestSourceOpener::pathsAreMapped()
{
    const QString rules = QStringLiteral("/build/=/home/me/src;/go=/opt/go");
    QCOMPARE(mappedPath(QStringLiteral("/build/a/b.c"), rules), QStringLiteral("/home/me/src/a/b.c"));
    QCOMPARE(mappedPath(QStringLiteral("/go/x.go"), rules), QStringLiteral("/opt/go/x.go"));
    QCOMPARE(mappedPath(QStringLiteral("/builder/a.c"), rules), QStringLiteral("/builder/a.c"));
    QCOMPARE(mappedPath(QStringLiteral("/x.c"), QString()), QStringLiteral("/x.c"));
    QCOMPARE(mappedPath(QStringLiteral("/x.c"), QStringLiteral("/=/root2")), QStringLiteral("/root2/x.c"));
    QCOMPARE(mappedPath(QStringLiteral("/x.c"), QStringLiteral("nonsense;=;/x.c")), QStringLiteral("/x.c"));
}

void TestSourceOpener::missingFilesSaySo()
{
    const auto opened = openSource(QStringLiteral("/nowhere/at/all.c:3"));
    QVERIFY(!opened);
    QCOMPARE(opened.error().code, ErrorCode::NotFound);
    QVERIFY(opened.error().toText().find("/nowhere/at/all.c") != std::string::npos);
    QVERIFY(opened.error().toText().find("pathMap") != std::string::npos);
    QVERIFY(!openSource(QStringLiteral("/"))); // a folder is no source
}

void TestSourceOpener::startsTheEditorWithoutAShell()
{
    QTemporaryDir folder;
    const QString source = folder.filePath(QStringLiteral("a $(touch hacked).c"));
    QFile file(source);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    const QString out = folder.filePath(QStringLiteral("out"));
    // cp takes its arguments as they are: a copy of the file is the proof that it got the name unchanged.
    qputenv("TAILSCOPE_EDITOR", QStringLiteral("cp %f %1").arg(out).toLocal8Bit());
    const auto opened = openSource(source + QStringLiteral(":4"));
    QVERIFY2(opened.has_value(), opened ? "" : opened.error().toText().c_str());
    QTRY_VERIFY(QFile::exists(out));
    qputenv("TAILSCOPE_EDITOR", "/nowhere/no-such-editor %f");
    QCOMPARE(openSource(source).error().code, ErrorCode::NotReadable);
    qunsetenv("TAILSCOPE_EDITOR");
}

QTEST_GUILESS_MAIN(TestSourceOpener)
#include "tst_sourceopener.moc"
