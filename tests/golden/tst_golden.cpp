// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Walks <format>/<case>/ beside this file; README.md tells what a case holds.
#include "analysis/analyses.h"
#include "base/text.h"
#include "import/importjob.h"

#include <QDir>
#include <QtTest>

using namespace tailscope;

namespace {

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '\t')
            out += "\\t";
        else if (c == '\n')
            out += "\\n";
        else if (c == '\\')
            out += "\\\\";
        else
            out += c;
    }
    return out;
}

/// Column names and rows with tabs between, or "ERROR: ...".
std::string tableOf(const store::Workspace &workspace, const QByteArray &sql)
{
    Result<store::Database> database = workspace.connectReader();
    if (!database)
        return "ERROR: " + database.error().toText();
    Result<store::Statement> statement = database->prepare(sql.toStdString());
    if (!statement)
        return "ERROR: " + statement.error().toText();
    std::string out;
    for (int column = 0; column < statement->columnCount(); ++column)
        out += (column > 0 ? "\t" : "") + std::string(statement->columnName(column));
    out += '\n';
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row)
            return "ERROR: " + row.error().toText();
        if (!*row)
            return out;
        for (int column = 0; column < statement->columnCount(); ++column) {
            out += column > 0 ? "\t" : "";
            out += statement->isNull(column) ? "NULL" : escaped(statement->text(column));
        }
        out += '\n';
    }
}

/// False when the file names a key that does not exist.
bool readOptions(const QByteArray &text, import::ImportOptions &options)
{
    for (const QByteArray &line : text.split('\n')) {
        const QByteArray key = line.left(line.indexOf('=')).trimmed();
        const QByteArray value = line.mid(line.indexOf('=') + 1).trimmed();
        if (key.isEmpty() || key.startsWith('#'))
            continue;
        if (key == "format") {
            options.format = value.toStdString();
        } else if (key == "offset_ns") {
            options.offsetNs = value.toLongLong();
        } else if (key == "timezone") {
            options.read.timezoneGiven = true;
            const auto offset = parseTimestamp("2000-01-01T00:00:00" + value.toStdString());
            if (offset && offset->hasZone)
                options.read.timezoneOffsetSeconds = offset->offsetSeconds;
            else
                options.read.timezoneName = value.toStdString();
        } else {
            return false;
        }
    }
    return true;
}

} // namespace

class TestGolden : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void equalsExpected_data();
    void equalsExpected();
};

void TestGolden::equalsExpected_data()
{
    QTest::addColumn<QString>("folder");
    const QDir root(QStringLiteral(TS_SOURCE_DIR "/tests/golden"));
    for (const QString &format : root.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) {
        const QDir cases(root.filePath(format));
        for (const QString &name : cases.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name))
            QTest::addRow("%s/%s", qPrintable(format), qPrintable(name)) << cases.filePath(name);
    }
}

void TestGolden::equalsExpected()
{
    QFETCH(QString, folder);
    const QDir directory(folder);
    const bool bless = qEnvironmentVariableIntValue("TS_BLESS") != 0;
    import::ImportOptions options;
    QVERIFY2(readOptions(contentOf(directory.filePath(QStringLiteral("options"))), options),
        "unknown option");
    auto workspace = store::Workspace::temporary();
    QVERIFY2(workspace.has_value(), workspace ? "" : workspace.error().toText().c_str());

    const QStringList inputs = directory.entryList({QStringLiteral("input*")}, QDir::Files, QDir::Name);
    QVERIFY2(!inputs.isEmpty(), "the case has no input");
    QString error;
    for (const QString &input : inputs) {
        const auto outcome
            = import::importFile(**workspace, directory.filePath(input).toStdString(), options, {});
        if (!outcome) {
            error += QString::fromStdString(outcome.error().toText()) + QLatin1Char('\n');
            continue;
        }
        const auto ready = analysis::makeReady(**workspace, outcome->sourceId, {});
        QVERIFY2(ready.has_value(), ready ? "" : ready.error().toText().c_str());
    }
    const QByteArray expectedError = contentOf(directory.filePath(QStringLiteral("expected-error")));
    if (expectedError.isEmpty())
        QVERIFY2(error.isEmpty(), qPrintable(error));
    for (const QByteArray &line : expectedError.split('\n'))
        QVERIFY2(error.contains(QString::fromUtf8(line)),
            qPrintable(QString::fromUtf8(line) + QStringLiteral(" not in ") + error));

    const QStringList queries = directory.entryList({QStringLiteral("query*.sql")}, QDir::Files, QDir::Name);
    QVERIFY2(!queries.isEmpty() || !expectedError.isEmpty(), "the case has no query");
    for (const QString &query : queries) {
        const std::string got = tableOf(**workspace, contentOf(directory.filePath(query)));
        QVERIFY2(!got.starts_with("ERROR: "), got.c_str());
        const QString path = directory.filePath(
            QStringLiteral("expected") + query.mid(5).chopped(4) + QStringLiteral(".tsv"));
        if (bless) {
            QFile file(path);
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(got.data(), static_cast<qint64>(got.size()));
            continue;
        }
        // Line by line: the first difference is what one wants to see.
        const QStringList expected = QString::fromUtf8(contentOf(path)).split(QLatin1Char('\n'));
        QCOMPARE(QString::fromStdString(got).split(QLatin1Char('\n')), expected);
    }
}

QTEST_GUILESS_MAIN(TestGolden)
#include "tst_golden.moc"
