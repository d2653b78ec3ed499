// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The prefix of a server's log, found from its lines; levels in the server's languages; heads of syslog;
// times.
#include "import/pglog/csvlogreader.h"
#include "import/pglog/logclock.h"
#include "import/pglog/logpattern.h"
#include "import/pglog/prefixguess.h"
#include "import/pglog/textlines.h"
#include "import/pglog/timedtext.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::import::pglog;

namespace {

/// What a backend knows of itself.
struct Backend
{
    std::string user, db, application, host, pid, type;
};

const std::vector<Backend> &backends()
{
    static const std::vector<Backend> list{
        {"app", "shop", "web", "10.1.2.3", "4711", "client backend"},
        {"report-user", "shop_dwh", "PostgreSQL JDBC Driver", "10.1.2.4", "4801", "client backend"},
        {"", "", "", "", "312", "checkpointer"},
        {"app", "shop", "psql", "[local]", "50123", "client backend"},
    };
    return list;
}

/// What the server writes for one escape.
std::string valueOf(char letter, const Backend &backend, int line)
{
    const bool session = !backend.user.empty();
    switch (letter) {
    case 'a':
        return backend.application;
    case 'u':
        return backend.user;
    case 'd':
        return backend.db;
    case 'r':
        return !session                 ? ""
            : backend.host == "[local]" ? "[local]"
                                        : backend.host + "(5432" + std::to_string(line % 10) + ")";
    case 'h':
        return backend.host;
    case 'b':
        return backend.type;
    case 'p':
        return backend.pid;
    case 't':
        return "2026-11-22 04:11:0" + std::to_string(line % 10) + " UTC";
    case 'm':
        return "2026-11-22 04:11:0" + std::to_string(line % 10) + ".973 UTC";
    case 'n':
        return "179500000" + std::to_string(line % 10) + ".973";
    case 'e':
        return line % 3 == 2 ? "42P01" : "00000";
    case 'c':
        return "65f1a2b3." + std::string(session ? "1f2a" : "4d2");
    case 'l':
        return std::to_string(line + 1);
    case 'v':
        return session ? "3/" + std::to_string(100 + line) : "";
    case 'x':
        return "0";
    case 's':
        return "2026-11-21 23:00:00 UTC";
    default:
        return "";
    }
}

std::string prefixOf(std::string_view format, const Backend &backend, int line)
{
    std::string out;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            out += format[i];
        } else if (format[++i] == 'q') {
            if (backend.user.empty())
                break;
        } else {
            out += valueOf(format[i], backend, line);
        }
    }
    return out;
}

} // namespace

class TestPgLogPrefix : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsPrefix_data();
    void findsPrefix();
    void refusesWhatIsNone();
    void takesLongNames();
    void knowsLanguages_data();
    void knowsLanguages();
    void readsDurations();
    void readsSyslogHeads();
    void readsTimes();
    void splitsCsv();
    void makesPatterns();
};

void TestPgLogPrefix::findsPrefix_data()
{
    QTest::addColumn<QString>("format");
    for (const char *format : {"%m [%p] ", "%t ", "%m [%p] %q%u@%d ", "%m [%p] %q%u@%d/%a ", "<%m>", "< %m >",
             "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ", "%m [%p]: [%l-1] db=%d,user=%u ",
             "%t:%r:%u@%d:[%p]:", "%t-%c-", "%n [%p] ", "%m %u@%d %p %r ",
             "%m [%p] %q[user=%u,db=%d,app=%a] ", "%m|%u|%d|%p|", "[%p] %m %q%h %u %d ", "%m [%b %p] ",
             "%m %p %l %e ", "%m (pid=%p, xid=%x, line=%l) ", "%t [%c]: [%l-1] user=%u ",
             "user=%u,db=%d,app=%a,client=%h ", "%m [%v] [%p] ", "%m %h[%p] %q%u@%d "})
        QTest::newRow(format) << QString::fromLatin1(format);
}

void TestPgLogPrefix::findsPrefix()
{
    QFETCH(QString, format);
    const std::string written = format.toStdString();
    std::vector<std::string> texts;
    for (int line = 0; line < 40; ++line)
        texts.push_back(
            prefixOf(written, backends()[static_cast<std::size_t>(line) % backends().size()], line)
            + (line % 3 == 2 ? "ERROR:  relation \"x\" does not exist" : "LOG:  something: happened"));
    const std::vector<std::string_view> lines(texts.begin(), texts.end());
    const std::optional<PrefixGuess> guess = guessPrefix(lines);
    QVERIFY(guess);
    QVERIFY2(guess->matches == 40, guess->prefix.format().c_str());
    // Every field that the format has is read as what it is.
    PrefixMatch match;
    for (int line = 0; line < 4; ++line) {
        const Backend &backend = backends()[static_cast<std::size_t>(line)];
        QVERIFY(guess->prefix.match(lines[static_cast<std::size_t>(line)], match));
        const bool cut = backend.user.empty() && written.find("%q") != std::string::npos;
        const auto check = [&](char letter, PrefixField field, const std::string &value) {
            const std::size_t at = written.find(std::string("%") + letter);
            const std::size_t quit = written.find("%q");
            if (at == std::string::npos || (cut && at > quit))
                return;
            QVERIFY2(match[field] == value,
                (guess->prefix.format() + " gives '" + std::string(match[field]) + "' for '" + value + "'")
                    .c_str());
        };
        check('p', PrefixField::Pid, backend.pid);
        check('u', PrefixField::User, backend.user);
        check('d', PrefixField::Database, backend.db);
        check('a', PrefixField::Application, backend.application);
        check('h', PrefixField::Client, backend.host);
        check('m', PrefixField::TimeMillis, valueOf('m', backend, line));
        check('t', PrefixField::Time, valueOf('t', backend, line));
        check('l', PrefixField::LineNumber, valueOf('l', backend, line));
        check('e', PrefixField::SqlState, valueOf('e', backend, line));
        check('c', PrefixField::SessionId, valueOf('c', backend, line));
        QVERIFY(match.word.word == (line == 2 ? Word::Error : Word::Log));
    }
}

void TestPgLogPrefix::refusesWhatIsNone()
{
    QVERIFY(!guessPrefix({}));
    QVERIFY(!guessPrefix({"hello", "GET / HTTP/1.1", "{\"a\": 1}", "2026-11-22 04:11:05 INFO started"}));
    QVERIFY(!LinePrefix::compile("%y"));
    QVERIFY(!LinePrefix::compile("%"));
    std::string many;
    for (int i = 0; i < 30; ++i)
        many += "%p ";
    QVERIFY(!LinePrefix::compile(many));
    // Places that could fit are tried a bounded number of times.
    const std::string line = std::string(200'000, ' ') + "LOG:  x";
    PrefixMatch match;
    QVERIFY(!LinePrefix::compile("%u %d %a %u %d %a ")->match(line, match));
}

void TestPgLogPrefix::takesLongNames()
{
    const auto prefix = LinePrefix::compile("%m [%p] %u@%d/%a ");
    PrefixMatch match;
    QVERIFY(prefix->match("2026-11-22 04:11:05.1 UTC [1] a b@my db/the app x LOG:  y", match));
    QCOMPARE(std::string(match[PrefixField::User]), std::string("a b"));
    QCOMPARE(std::string(match[PrefixField::Database]), std::string("my db"));
    QCOMPARE(std::string(match[PrefixField::Application]), std::string("the app x"));
}

void TestPgLogPrefix::knowsLanguages_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<int>("word");
    const auto row = [](const char *name, const char *text, Word word) {
        QTest::newRow(name) << QString::fromUtf8(text) << static_cast<int>(word);
    };
    row("German error", "FEHLER:  Spalte", Word::Error);
    row("German warning", "WARNUNG:  x", Word::Warning);
    row("German hint", "TIPP:  x", Word::Hint);
    row("German statement", "ANWEISUNG:  select", Word::Statement);
    row("French error", "ERREUR:  la relation", Word::Error);
    row("French detail", "DÉTAIL:  x", Word::Detail);
    row("French hint", "ASTUCE :  x", Word::Hint);
    row("French hint, no-break", "ASTUCE\u00A0:  x", Word::Hint);
    row("Spanish context", "CONTEXTO:  x", Word::Context);
    row("Spanish statement", "SENTENCIA:  x", Word::Statement);
    row("Russian log", "СООБЩЕНИЕ:  x", Word::Log);
    row("Russian error", "ОШИБКА:  x", Word::Error);
    row("Russian statement", "ОПЕРАТОР:  x", Word::Statement);
    row("Japanese detail", "詳細:  x", Word::Detail);
    row("Japanese statement", "文:  x", Word::Statement);
    row("Chinese log", "日志:  x", Word::Log);
    row("Chinese error", "错误:  x", Word::Error);
    row("Chinese detail", "详情:  x", Word::Detail);
    row("no level", "LOGS:  x", Word::None);
    row("no blanks", "LOG:x", Word::None);
    row("no word", "select 1", Word::None);
}

void TestPgLogPrefix::knowsLanguages()
{
    QFETCH(QString, line);
    QFETCH(int, word);
    const std::string text = "2026 " + line.toStdString();
    const WordPlace place = wordAt(text, 5);
    QCOMPARE(static_cast<int>(place.word), word);
    if (place.word != Word::None)
        QVERIFY(text[place.text] != ' ' && text[place.text] != ':');
}

void TestPgLogPrefix::readsDurations()
{
    const auto check = [](const char *message, double ms, Phase phase, const char *name, const char *sql) {
        const std::optional<TimedText> timed = parseDuration(message);
        QVERIFY2(timed, message);
        QCOMPARE(timed->durationMs, ms);
        QVERIFY2(timed->phase == phase, message);
        QCOMPARE(std::string(timed->name), std::string(name));
        QCOMPARE(std::string(timed->text), std::string(sql));
    };
    check("duration: 12.5 ms  statement: select 'a: b'", 12.5, Phase::Statement, "", "select 'a: b'");
    check("duration: 1.000 ms  execute <unnamed>: select $1::int", 1, Phase::Execute, "", "select $1::int");
    check("duration: 1 ms  execute S_1/C_2: select 1", 1, Phase::Execute, "S_1/C_2", "select 1");
    check("duration: 1 ms  execute fetch from S_1/C_2: select 1", 1, Phase::Execute, "S_1/C_2", "select 1");
    check("duration: 0.2 ms  parse s: select 1", 0.2, Phase::Parse, "s", "select 1");
    check("duration: 0.2 ms  bind s: select 1", 0.2, Phase::Bind, "s", "select 1");
    check("duration: 3.25 ms", 3.25, Phase::None, "", "");
    check("Dauer: 3.25 ms  Anweisung: select 1", 3.25, Phase::Statement, "", "select 1");
    check("durée : 3.25 ms, instruction : select 1", 3.25, Phase::Statement, "", "select 1");
    check("продолжительность: 3.25 мс, оператор: select 1", 3.25, Phase::Statement, "", "select 1");
    check("期間: 3.25 ミリ秒  文: select 1", 3.25, Phase::Statement, "", "select 1");
    check("耗时: 3.25 ms  语句: select 1", 3.25, Phase::Statement, "", "select 1");
    QVERIFY(parseDuration("duration: 7.5 ms  plan:\nQuery Text: x")->isPlan);
    QVERIFY(!parseDuration("duration: x ms  statement: select 1"));
    QVERIFY(!parseDuration("duration: -1 ms  statement: select 1"));
    QVERIFY(!parseDuration("duration: "));
    QCOMPARE(std::string(parseStatement("statement: select 1")->text), std::string("select 1"));
    QCOMPARE(std::string(parseStatement("execute s1: select 1")->name), std::string("s1"));
    QVERIFY(!parseStatement("statement timeout: x"));
    QVERIFY(!parseStatement("checkpoint starting: time"));
}

void TestPgLogPrefix::readsSyslogHeads()
{
    const auto rest = [](std::string_view line) {
        const std::optional<SyslogHead> head = scanSyslogHead(line);
        return head
            ? std::string(head->host) + '|' + std::string(head->program) + '|' + std::to_string(head->pid)
                + '|' + std::to_string(head->piece) + '|' + std::string(line.substr(head->length))
            : std::string("none");
    };
    QCOMPARE(rest("Nov  2 04:10:00 db1 postgres[777]: [12-3] LOG:  x"),
        std::string("db1|postgres|777|3|LOG:  x"));
    QCOMPARE(rest("<134>Nov 22 04:10:00 db1 postgres[777]: x"), std::string("db1|postgres|777|0|x"));
    QCOMPARE(rest("2026-11-22T04:10:00.123456+01:00 db1 postgres[777]: [1-1] x"),
        std::string("db1|postgres|777|1|x"));
    QCOMPARE(rest("<134>1 2026-11-22T04:10:00.123Z db1 postgres 777 - - [1-2] x"),
        std::string("db1|postgres|777|2|x"));
    QCOMPARE(rest("<134>1 2026-11-22T04:10:00Z db1 postgres 777 ID [a@1 b=\"]\"][c@2] \xEF\xBB\xBFx"),
        std::string("db1|postgres|777|0|x"));
    QCOMPARE(rest("2026-11-22 04:11:05.1 UTC [1] LOG:  x"), std::string("none"));
    QCOMPARE(rest("Nov 32 04:10:00 db1 postgres[777]: x"), std::string("none"));
    QCOMPARE(rest("Foo 22 04:10:00 db1 postgres[777]: x"), std::string("none"));
    QCOMPARE(rest("<134>1 "), std::string("none"));
}

void TestPgLogPrefix::readsTimes()
{
    ImportReport report;
    const auto at = [&](LogClock &clock, std::string_view text) {
        return clock.parse(text, 0, report)->ns / 1'000'000;
    };
    LogClock plain{ReadOptions()};
    // 2026-11-22 04:11:04.973 UTC.
    QCOMPARE(at(plain, "2026-11-22 04:11:04.973 UTC"), qint64(1795320664973));
    QCOMPARE(at(plain, "2026-11-22 05:11:04.973 CET"), qint64(1795320664973));
    QCOMPARE(at(plain, "2026-11-22 05:11:04.973 +01"), qint64(1795320664973));
    QCOMPARE(at(plain, "2026-11-22 09:41:04.973 +05:30"), qint64(1795320664973));
    QCOMPARE(at(plain, "2026-11-22T01:11:04.973-0300"), qint64(1795320664973));
    QVERIFY(!plain.parse("2026-02-30 04:11:04 UTC", 0, report));
    QVERIFY(!plain.parse("2026-11-22", 0, report));
    QVERIFY(!plain.parse("2026-11-22 04:11:04 UTC x", 0, report));
    // The hour that occurs twice: the abbreviation tells which, whatever zone was given.
    ReadOptions berlin;
    berlin.timezoneGiven = true;
    berlin.timezoneName = "Europe/Berlin";
    for (const ReadOptions &options : {ReadOptions(), berlin}) {
        LogClock clock(options);
        const qint64 first = at(clock, "2026-10-25 02:30:00.000 CEST");
        const qint64 second = at(clock, "2026-10-25 02:30:00.000 CET");
        QCOMPARE(second - first, qint64(3'600'000));
        QCOMPARE(at(clock, "2026-10-25 02:45:00.000 CET") - second, qint64(900'000));
    }
    // An abbreviation that two zones have gives way to the zone that was asked for.
    ReadOptions kolkata;
    kolkata.timezoneGiven = true;
    kolkata.timezoneName = "Asia/Shanghai";
    LogClock china(kolkata);
    QCOMPARE(at(china, "2026-11-22 12:11:04.973 CST"), qint64(1795320664973));
    const std::vector<ImportReport::Issue> before = report.issues();
    LogClock usual{ReadOptions()};
    QCOMPARE(at(usual, "2026-11-21 22:11:04.973 CST"), qint64(1795320664973));
    QVERIFY(report.issues().size() > before.size());
    // Resuming asks for the zone again only when somebody gave one.
    QCOMPARE(usual.timezone(), std::string("CST (as written)"));
    QVERIFY(!readOptionsOf(usual.timezone()).timezoneGiven);
    QCOMPARE(china.timezone(), std::string("Asia/Shanghai"));
}

void TestPgLogPrefix::splitsCsv()
{
    std::vector<std::string_view> fields;
    std::string scratch;
    const auto joined = [&](std::string_view record) {
        if (!splitCsvRecord(record, fields, scratch))
            return std::string("broken");
        std::string out;
        for (const std::string_view field : fields)
            out += '<' + std::string(field) + '>';
        return out;
    };
    QCOMPARE(joined("a,,\"b,c\",\"d \"\"e\"\"\nf\",\"\"\"\""), std::string("<a><><b,c><d \"e\"\nf><\">"));
    QCOMPARE(joined("a,"), std::string("<a><>"));
    QCOMPARE(joined(""), std::string("<>"));
    QCOMPARE(joined("\"a"), std::string("broken"));
    QCOMPARE(joined("\"a\"b,c"), std::string("broken"));
    QCOMPARE(joined("a\"b,c"), std::string("broken"));
    QVERIFY(looksLikeCsvHead("2026-11-22 04:11:04.973 UTC,\"a,b\",\"shop\",12,"));
    QVERIFY(looksLikeCsvHead("2026-11-22 04:11:04.973 UTC,,,12,"));
    QVERIFY(!looksLikeCsvHead("2026-11-22 04:11:04.973 UTC,1,2,x,"));
    QVERIFY(!looksLikeCsvHead("ts,value"));
}

void TestPgLogPrefix::makesPatterns()
{
    const auto check = [](const char *message, const char *pattern) {
        QCOMPARE(logPattern(message), std::string(pattern));
    };
    check("relation \"orders\" does not exist at character 15", "relation \"orders\" does not exist");
    check("invalid input syntax for type integer: \"12abc\"", "invalid input syntax for type integer: \"?\"");
    check("syntax error at or near \"FORM\"", "syntax error at or near \"?\"");
    check("process 12 still waiting for ShareLock on transaction 555 after 1000.123 ms",
        "process ? still waiting for ShareLock on transaction ? after ? ms");
    check("temporary file: path \"base/pgsql_tmp/pgsql_tmp12.0\", size 4096",
        "temporary file: path \"?\", size ?");
    check("column \"int4\" of x1 isn't there", "column \"int4\" of x1 isn't there");
    check("redo starts at 0/1A2B3C8", "redo starts at ?");
    check("could not find 550e8400-e29b-41d4-a716-446655440000", "could not find ?");
    check("value 'a' and 'b'\nnext line 5", "value '?' and '?'");
    check("", "");
    QVERIFY(logPattern(std::string(100'000, 'x')).size() <= 500);
}

QTEST_GUILESS_MAIN(TestPgLogPrefix)
#include "tst_pglogprefix.moc"
