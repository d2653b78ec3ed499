// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// One plan in every frame psql 15 can put around it (tests/import/psqlframes, written by psql itself), and in
// those that mails, logs, terminals and drivers add. Wrapped old-ascii with border 2 is not among them: it
// marks neither a wrapped line nor one that ends inside a literal, so that the two cannot be told apart.
#include "explainrows.h"
#include "support/importhelpers.h"

#include <QDir>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

const QString kFolder = QStringLiteral(TS_SOURCE_DIR "/tests/import/psqlframes/");

const std::string &reference()
{
    static const std::string text = fileBytes(kFolder + QStringLiteral("reference.txt"));
    return text;
}

QString described(const PlanOutcome &outcome)
{
    QString out;
    for (const PlanRows &plan : outcome.plans()) {
        for (const PlanNodeRow &node : plan.nodes) {
            for (const std::string_view text : {node.nodeType, node.relation, node.schema, node.alias,
                     node.indexName, node.condition, node.filter, node.joinType, node.extraJson})
                out += QString::fromUtf8(text.data(), qsizetype(text.size())) + QLatin1Char('|');
            out += QStringLiteral("%1|%2|%3|%4\n")
                       .arg(node.parent)
                       .arg(node.planRows.value_or(-1))
                       .arg(node.totalCost.value_or(-1))
                       .arg(node.planWidth.value_or(-1));
        }
        out += QString::fromUtf8(plan.plan.extraJson.data(), qsizetype(plan.plan.extraJson.size()))
            + QLatin1Char('\n');
    }
    return out;
}

/// The first line that differs, for the message.
QString difference(const QString &got, const QString &expected)
{
    const QStringList a = got.split(QLatin1Char('\n'));
    const QStringList b = expected.split(QLatin1Char('\n'));
    for (qsizetype i = 0; i < std::max(a.size(), b.size()); ++i) {
        if (a.value(i) != b.value(i))
            return QStringLiteral("got %1\nexpected %2").arg(a.value(i), b.value(i));
    }
    return {};
}

QByteArray eachLine(const std::function<QByteArray(const QByteArray &, int)> &frame)
{
    QByteArray out;
    int number = 0;
    for (const QByteArray &line : QByteArray::fromStdString(reference()).trimmed().split('\n'))
        out += frame(line, ++number);
    return out;
}

} // namespace

class TestExplainFrames : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void psqlFrames_data();
    void psqlFrames();
    void otherFrames_data();
    void otherFrames();
};

void TestExplainFrames::psqlFrames_data()
{
    QTest::addColumn<QString>("file");
    const QStringList files = QDir(kFolder).entryList({QStringLiteral("*.txt")}, QDir::Files, QDir::Name);
    QVERIFY(files.size() > 50);
    for (const QString &file : files)
        QTest::newRow(qPrintable(file)) << file;
}

void TestExplainFrames::psqlFrames()
{
    QFETCH(QString, file);
    const std::string bytes = fileBytes(kFolder + file);
    const PlanOutcome expected = readText(reference());
    QCOMPARE(expected.nodeCount(), std::size_t(9));
    const PlanOutcome outcome = readText(bytes);
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    QCOMPARE(difference(described(outcome), described(expected)), QString());
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t(0));
    QCOMPARE(sniffImporter(bytes, "x.txt"), &explainTextImporter());
}

void TestExplainFrames::otherFrames_data()
{
    QTest::addColumn<QByteArray>("text");
    const QByteArray plain = QByteArray::fromStdString(reference());
    const QByteArray header = "                 QUERY PLAN\n---------------------------------------------\n";
    const auto quoted = [](QByteArray line, const char *mark) {
        return line.replace('\\', "\\\\").replace(mark, QByteArray("\\") + mark);
    };
    QTest::newRow("mail") << eachLine([](auto line, int) { return "> " + line + "\n"; });
    QTest::newRow("mail twice") << eachLine([](auto line, int) { return ">> " + line + "\n"; });
    QTest::newRow("mail of mail") << eachLine([](auto line, int) { return "> > " + line + "\n"; });
    QTest::newRow("mail with header") << QByteArray(">   QUERY PLAN\n> ----------\n")
            + eachLine([](auto line, int) { return ">  " + line + "\n"; });
    QTest::newRow("mail with quotes")
        << eachLine([](auto line, int) { return "> \"" + QByteArray(line).replace('"', "\"\"") + "\"\n"; });
    QTest::newRow("fence") << QByteArray("Look:\n\n```sql\n" + plain + "```\n\nThanks\n");
    QTest::newRow("fence in a mail") << QByteArray("> ```\n")
            + eachLine([](auto line, int) { return "> " + line + "\n"; }) + "> ```\n";
    QTest::newRow("markdown table") << QByteArray("| QUERY PLAN |\n|------------|\n")
            + eachLine([](auto line, int) {
                  return "| " + QByteArray(line).replace("|", "\\|").replace("\\|", "|") + " |\n";
              });
    QTest::newRow("prompts") << QByteArray("postgres=# EXPLAIN (VERBOSE) SELECT c.relname\npostgres-# FROM "
                                           "pg_class c\npostgres-> WHERE true;\n"
                                    + header)
            + eachLine([](auto line, int) { return " " + line + "\n"; }) + "(24 rows)\n\npostgres=# \\q\n";
    QTest::newRow("colours") << eachLine([](auto line, int) { return "\x1B[1;32m" + line + "\x1B[0m\n"; });
    QTest::newRow("crlf") << QByteArray(plain).replace("\n", "\r\n");
    QTest::newRow("bom") << "\xEF\xBB\xBF" + plain;
    QTest::newRow("no-break blanks") << QByteArray(plain).replace("  ", "\u00A0\u00A0");
    QTest::newRow("unicode arrows") << QByteArray(plain).replace("->", "\u2192");
    QTest::newRow("indented") << eachLine([](auto line, int) { return "        " + line + "\n"; });
    QTest::newRow("log prefix") << eachLine([](auto line, int i) {
        return "2026-03-02 12:00:0" + QByteArray::number(i % 10) + " UTC [42]: " + line + "\n";
    });
    QTest::newRow("container prefix") << eachLine([](auto line, int) { return "db-1  | " + line + "\n"; });
    for (const char *rows : {"(24 rows)", "(24 lignes)", "(24 Zeilen)", "(24 filas)",
             "(24 \u0441\u0442\u0440\u043E\u043A\u0438)", "(24 \u884C)", "(24\u884C)"})
        QTest::addRow("footer %s", rows) << header
                + eachLine([](auto line, int) { return " " + line + "\n"; }) + rows + "\n\nTime: 1.234 ms\n";
    QTest::newRow("tuples") << "["
            + eachLine([&](auto line, int) { return "('" + quoted(line, "'") + "',), "; }) + "]\n";
    QTest::newRow("tuples by line") << eachLine(
        [&](auto line, int) { return "('" + quoted(line, "'") + "',)\n"; });
    QTest::newRow("arrays") << "["
            + eachLine([&](auto line, int) { return "[\"" + quoted(line, "\"") + "\"],\n"; }) + "]\n";
    QTest::newRow("dictionaries") << "[" + eachLine([&](auto line, int) {
        return "{'QUERY PLAN': '" + quoted(line, "'") + "'},\n";
    }) + "]\n";
    QTest::newRow("json rows") << "[" + eachLine([&](auto line, int i) {
        return (i > 1 ? ",{\"QUERY PLAN\":\"" : "{\"QUERY PLAN\":\"") + quoted(line, "\"") + "\"}\n";
    }) + "]\n";
    QTest::newRow("pgadmin") << QByteArray("\"QUERY PLAN\"\n")
            + eachLine([](auto line, int) { return "\"" + QByteArray(line).replace('"', "\"\"") + "\"\n"; });
    QTest::newRow("quotes at the end") << eachLine([](auto line, int) { return "'" + line + "'\n"; });
}

void TestExplainFrames::otherFrames()
{
    QFETCH(QByteArray, text);
    const PlanOutcome expected = readText(reference());
    const std::string bytes = text.toStdString();
    const Importer *importer = sniffImporter(bytes, "x.txt");
    QVERIFY(importer);
    QVERIFY2(importer->descriptor().id.starts_with("explain-"),
        std::string(importer->descriptor().id).c_str());
    for (const std::size_t chunk : {std::size_t(1), std::size_t(4096)}) {
        const PlanOutcome outcome = readPlans(*importer, bytes, chunk);
        QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
        QCOMPARE(difference(described(outcome), described(expected)), QString());
    }
}

QTEST_GUILESS_MAIN(TestExplainFrames)
#include "tst_explainframes.moc"
