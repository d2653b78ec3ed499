// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The machine formats of the commands, byte by byte (tests/app/README.md).
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

class TestCommandGolden : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void prints_data();
    void prints();

private:
    QStringList words(const QString &file) const;
    QByteArray run(const QStringList &arguments, int expectedCode = 0);
    QString m_workspace;
    QTemporaryDir m_folder;
};

namespace {

QDir cases() { return QDir(QStringLiteral(TS_SOURCE_DIR "/tests/app/golden")); }

QByteArray read(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Of a list of everything the program knows only the rows that are named: others may be added freely.
QByteArray onlyIds(const QByteArray &json, const QStringList &ids)
{
    QJsonArray kept;
    for (const QJsonValue &row : QJsonDocument::fromJson(json).array()) {
        if (ids.contains(row.toObject().value(QStringLiteral("id")).toString()))
            kept.append(row);
    }
    return QJsonDocument(kept).toJson();
}

} // namespace

QStringList TestCommandGolden::words(const QString &file) const
{
    QStringList list;
    for (const QByteArray &line : read(file).split('\n')) {
        QString word = QString::fromUtf8(line);
        word.replace(QLatin1String("$SAMPLES"), QStringLiteral(TS_SOURCE_DIR "/resources/samples"));
        word.replace(QLatin1String("$WORKSPACE"), m_workspace);
        word.replace(QLatin1String("$CASE"), QFileInfo(file).path());
        if (!word.isEmpty())
            list << word;
    }
    return list;
}

QByteArray TestCommandGolden::run(const QStringList &arguments, int expectedCode)
{
    QProcess process;
    process.start(QStringLiteral(TS_BINARY_DIR "/tailscope"), arguments);
    if (!process.waitForFinished(120000) || process.exitStatus() != QProcess::NormalExit
        || process.exitCode() != expectedCode)
        return "FAILED " + QByteArray::number(process.exitCode()) + ": " + process.readAllStandardError();
    return process.readAllStandardOutput();
}

void TestCommandGolden::initTestCase()
{
    QVERIFY(QFile::exists(QStringLiteral(TS_BINARY_DIR "/tailscope")));
    for (const char *name : {"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"})
        qputenv(name, m_folder.path().toLocal8Bit());
}

void TestCommandGolden::prints_data()
{
    QTest::addColumn<QString>("name");
    for (const QString &name : cases().entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name))
        QTest::newRow(qPrintable(name)) << name;
    QVERIFY(cases().exists());
}

void TestCommandGolden::prints()
{
    QFETCH(QString, name);
    const QDir folder(cases().filePath(name));
    m_workspace = m_folder.filePath(name + QStringLiteral(".tailscope"));
    if (folder.exists(QStringLiteral("inputs"))) {
        const QByteArray imported
            = run(QStringList{QStringLiteral("import")} + words(folder.filePath(QStringLiteral("inputs")))
                + QStringList{QStringLiteral("--to"), m_workspace});
        QVERIFY2(!imported.startsWith("FAILED"), imported);
    }
    const int code = read(folder.filePath(QStringLiteral("code"))).trimmed().toInt(); // absent: 0
    QByteArray printed = run(words(folder.filePath(QStringLiteral("command"))), code);
    QVERIFY2(!printed.startsWith("FAILED"), printed);
    if (folder.exists(QStringLiteral("ids")))
        printed = onlyIds(printed, words(folder.filePath(QStringLiteral("ids"))));
    printed.replace(QByteArray(TS_SOURCE_DIR "/resources/samples"), "$SAMPLES");
    printed.replace(m_folder.path().toUtf8(), "$FOLDER");
    const QString expected = folder.filePath(QStringLiteral("expected"));
    if (qEnvironmentVariableIsSet("TS_BLESS")) {
        QFile file(expected);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(printed) == printed.size());
        return;
    }
    QVERIFY2(QFile::exists(expected), "no expected file: bless it and read it");
    const QList<QByteArray> is = printed.split('\n');
    const QList<QByteArray> must = read(expected).split('\n');
    for (qsizetype line = 0; line < std::min(is.size(), must.size()); ++line)
        QVERIFY2(is[line] == must[line],
            "line " + QByteArray::number(line + 1) + ": " + is[line] + " is not " + must[line]);
    QCOMPARE(is.size(), must.size());
}

QTEST_GUILESS_MAIN(TestCommandGolden)
#include "tst_commandgolden.moc"
