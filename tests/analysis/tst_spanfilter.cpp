// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/spanfilter.h"
#include "spanfixture.h"

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using Field = FilterTerm::Field;
using Op = FilterTerm::Op;

namespace {

std::vector<std::uint32_t> passing(const SpanColumns &columns, std::string_view expression)
{
    const Result<Filter> filter = parseFilter(expression);
    if (!filter) {
        qWarning("%s", filter.error().toText().c_str());
        return {kNoRow};
    }
    const auto bitmap = evaluateFilter(columns, *filter, {});
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        if (!*bitmap || (*bitmap)->test(row))
            rows.push_back(row);
    }
    return rows;
}

template<typename Test>
std::vector<std::uint32_t> naive(const SpanColumns &columns, Test test)
{
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        if (test(row))
            rows.push_back(row);
    }
    return rows;
}

} // namespace

class TestSpanFilter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void terms_data();
    void terms();
    void errors_data();
    void errors();
    void canonicalTextReadsBack();
    void columnsCountCharacters();
    void sqlBindsTexts();
    void sqlOfNumbers();
    void evaluationAgainstNaive();
    void complement();
    void emptyFilterPassesAll();
    void cancelled();
    void bitmap();
    void limits();
};

void TestSpanFilter::terms_data()
{
    QTest::addColumn<QString>("expression");
    QTest::addColumn<int>("field");
    QTest::addColumn<int>("op");
    QTest::addColumn<bool>("negated");
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("number");
    const auto row
        = [](const char *expression, Field field, Op op, bool negated, const char *text, qint64 number) {
              QTest::newRow(expression) << QString::fromUtf8(expression) << int(field) << int(op) << negated
                                        << QString::fromUtf8(text) << number;
          };
    row("checkout", Field::Text, Op::Contains, false, "checkout", 0);
    row("-checkout", Field::Text, Op::Contains, true, "checkout", 0);
    row("!checkout", Field::Text, Op::Contains, true, "checkout", 0);
    row("!-checkout", Field::Text, Op::Contains, false, "checkout", 0);
    row("\"GET /a b\"", Field::Text, Op::Contains, false, "GET /a b", 0);
    row("\"say \\\"hi\\\" \\\\ \\n\"", Field::Text, Op::Contains, false, "say \"hi\" \\ \\n", 0);
    row("/^GET/", Field::Text, Op::Match, false, "^GET", 0);
    row("/api/users", Field::Text, Op::Contains, false, "/api/users", 0);
    row("operation=op1", Field::Operation, Op::Equal, false, "op1", 0);
    row("OPERATION=op1", Field::Operation, Op::Equal, false, "op1", 0);
    row("service!=\"my service\"", Field::Service, Op::NotEqual, false, "my service", 0);
    row("service=", Field::Service, Op::Equal, false, "", 0);
    row("instance~^pod-\\d+$", Field::Instance, Op::Match, false, "^pod-\\d+$", 0);
    row("process=a=b", Field::Process, Op::Equal, false, "a=b", 0);
    row("-thread=main", Field::Thread, Op::Equal, true, "main", 0);
    row("kind=Server", Field::Kind, Op::Equal, false, "server", 1);
    row("status!=error", Field::Status, Op::NotEqual, false, "error", 2);
    row("http=5xx", Field::Http, Op::Equal, false, "5xx", 5);
    row("http>=400", Field::Http, Op::GreaterEqual, false, "400", 400);
    row("duration>5ms", Field::Duration, Op::Greater, false, "5ms", 5'000'000);
    row("duration<=1.5s", Field::Duration, Op::LessEqual, false, "1.5s", 1'500'000'000);
    row("self<200us", Field::Self, Op::Less, false, "200us", 200'000);
    row("self<200µs", Field::Self, Op::Less, false, "200µs", 200'000);
    row("duration>=2m", Field::Duration, Op::GreaterEqual, false, "2m", 120'000'000'000);
    row("duration=30ns", Field::Duration, Op::Equal, false, "30ns", 30);
    row("duration>0", Field::Duration, Op::Greater, false, "0", 0);
    row("depth<3", Field::Depth, Op::Less, false, "3", 3);
    row("trace=17", Field::Trace, Op::Equal, false, "17", 17);
    row("source=2", Field::Source, Op::Equal, false, "2", 2);
}

void TestSpanFilter::terms()
{
    QFETCH(QString, expression);
    const Result<Filter> filter = parseFilter(expression.toStdString());
    QVERIFY2(filter.has_value(), filter ? "" : filter.error().toText().c_str());
    QCOMPARE(filter->terms.size(), std::size_t(1));
    const FilterTerm &term = filter->terms.front();
    QTEST(int(term.field), "field");
    QTEST(int(term.op), "op");
    QTEST(term.negated, "negated");
    QTEST(QString::fromStdString(term.text), "text");
    QTEST(qint64(term.number), "number");
    QCOMPARE(term.firstColumn, std::uint64_t(1));
    QCOMPARE(term.lastColumn, std::uint64_t(expression.size()));
}

void TestSpanFilter::errors_data()
{
    QTest::addColumn<QString>("expression");
    QTest::addColumn<qulonglong>("column");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *expression, qulonglong column, const char *says) {
        QTest::newRow(expression) << QString::fromUtf8(expression) << column << QString::fromUtf8(says);
    };
    row("foo=1", 1, "unknown field 'foo'");
    row("ok colour>3", 4, "Known fields: operation, service,");
    row("vector<int>", 1, "quotes");
    row("duration>5", 10, "is not a duration");
    row("duration>5xs", 10, "unit");
    row("duration>", 10, "is not a duration");
    row("duration>99999999999999s", 10, "is not a duration");
    row("duration~5ms", 10, "regular expression");
    row("operation>x", 11, "has no order");
    row("kind=chef", 6, "unknown kind 'chef'");
    row("status=bad", 8, "unknown status 'bad'");
    row("http=9xx", 6, "http");
    row("http=70000", 6, "http");
    row("depth=-1", 7, "depth");
    row("trace=abc", 7, "trace");
    row("a \"open", 3, "not closed");
    row("\"a\"b", 4, "closing quote");
    row("operation~(", 11, "regular expression is wrong");
    row("/(/", 1, "regular expression is wrong");
    row("-", 1, "nothing follows");
    row("a - b", 3, "nothing follows");
}

void TestSpanFilter::errors()
{
    QFETCH(QString, expression);
    QFETCH(qulonglong, column);
    QFETCH(QString, says);
    const Result<Filter> filter = parseFilter(expression.toStdString());
    QVERIFY(!filter);
    QCOMPARE(filter.error().code, ErrorCode::Usage);
    QVERIFY(filter.error().where.has_value());
    QCOMPARE(qulonglong(filter.error().where->column.value_or(0)), column);
    QVERIFY2(filter.error().toText().find(says.toStdString()) != std::string::npos,
        filter.error().toText().c_str());
    QVERIFY(!filter.error().hint.empty());
}

void TestSpanFilter::canonicalTextReadsBack()
{
    for (const char *expression : {"checkout", "-checkout", "\"-checkout\"", "\"a b\"", "\"x=1\"", "\"/r/\"",
             "/r+/", "-/r/", "\"\"", "operation=\"a \\\"b\\\" \\\\\"", "service=\"\"", "service!=x",
             "operation~\"a b\"", "kind=client", "http=4xx -http=404", "duration>=5ms duration<7ms",
             "self>1500us", "duration<1234567ns", "duration<=90s", "depth=0 trace!=4 source=1",
             "process=p thread=t instance=i"}) {
        const Result<Filter> first = parseFilter(expression);
        QVERIFY2(first.has_value(), expression);
        const std::string text = first->toText();
        const Result<Filter> second = parseFilter(text);
        QVERIFY2(second.has_value(), text.c_str());
        QCOMPARE(second->toText(), text);
        QCOMPARE(second->terms.size(), first->terms.size());
        for (std::size_t i = 0; i < first->terms.size(); ++i) {
            QCOMPARE(second->terms[i].field, first->terms[i].field);
            QCOMPARE(second->terms[i].op, first->terms[i].op);
            QCOMPARE(second->terms[i].negated, first->terms[i].negated);
            QCOMPARE(second->terms[i].number, first->terms[i].number);
        }
    }
    QCOMPARE(parseFilter("duration>=120000ms")->toText(), std::string("duration>=120s"));
    QCOMPARE(parseFilter("  a   b ")->toText(), std::string("a b"));
}

void TestSpanFilter::columnsCountCharacters()
{
    const Result<Filter> filter = parseFilter("größe foo=1");
    QVERIFY(!filter);
    QCOMPARE(filter.error().where->column.value_or(0), std::uint64_t(7));
    QVERIFY(!parseFilter("\xff\xfe"));
}

void TestSpanFilter::sqlBindsTexts()
{
    const Filter::Sql sql = parseFilter("Pay service='x' -operation~^a kind=server service=")->toSql();
    QCOMPARE(sql.condition,
        std::string("(instr(lower(operation), ?1) > 0 OR instr(lower(service), ?1) > 0) AND service = ?2"
                    " AND NOT ifnull(ifnull(operation, '') REGEXP ?3, 0) AND kind = ?4"
                    " AND ifnull(service, '') = ?5"));
    QCOMPARE(sql.texts.size(), std::size_t(5));
    QCOMPARE(sql.texts[0], std::string("pay"));
    QCOMPARE(sql.texts[1], std::string("'x'"));
    QCOMPARE(sql.texts[2], std::string("^a"));
    QVERIFY(Filter().toSql().condition.empty());
    QVERIFY(Filter().isEmpty());
}

void TestSpanFilter::sqlOfNumbers()
{
    const auto sql = [](const char *expression) { return parseFilter(expression)->toSql().condition; };
    QCOMPARE(sql("duration>5ms"), std::string("duration_ns >= 5000001"));
    QCOMPARE(sql("duration>=5ms"), std::string("duration_ns >= 5000000"));
    QCOMPARE(sql("self<5ms"), std::string("self_ns <= 4999999"));
    QCOMPARE(sql("self<=5ms"), std::string("self_ns <= 5000000"));
    QCOMPARE(sql("self<0"), std::string("0"));
    QCOMPARE(sql("http=5xx"), std::string("http_status BETWEEN 500 AND 599"));
    QCOMPARE(sql("http!=404"), std::string("NOT ifnull(http_status = 404, 0)"));
    QCOMPARE(sql("http>4xx"), std::string("http_status >= 500"));
    QCOMPARE(sql("http<4xx"), std::string("http_status <= 399"));
    QCOMPARE(sql("-http!=404"), std::string("http_status = 404"));
    QCOMPARE(sql("trace=3"), std::string("trace_id = 3"));
    QCOMPARE(sql("source=3"), std::string("source_id = 3"));
}

void TestSpanFilter::evaluationAgainstNaive()
{
    const auto columns = spanfixture::randomColumns(7, 3000);
    const SpanColumns &c = *columns;
    const auto operation
        = [&](std::uint32_t row) -> const std::string & { return c.operations[c.operation[row]]; };
    const auto track = [&](std::uint32_t row) -> const TrackInfo & { return c.tracks[c.track[row]]; };
    const auto compare = [&](const char *expression, auto test) {
        const auto rows = passing(c, expression);
        const auto expected = naive(c, test);
        QVERIFY2(rows == expected, expression);
        QVERIFY2(!expected.empty() && expected.size() < c.size(), expression);
    };
    compare("OP3", [&](auto r) { return operation(r) == "op3"; });
    compare("-op3", [&](auto r) { return operation(r) != "op3"; });
    compare("service1", [&](auto r) { return track(r).service == "service1"; });
    compare("op3 service1", [&](auto r) { return operation(r) == "op3" && track(r).service == "service1"; });
    compare("/op[12]|service2/", [&](auto r) {
        return operation(r) == "op1" || operation(r) == "op2" || track(r).service == "service2";
    });
    compare("operation~^op[0-3]$ operation!=op2",
        [&](auto r) { return operation(r) < "op4" && operation(r) != "op2"; });
    compare("instance=instance4", [&](auto r) { return track(r).instance == "instance4"; });
    compare("process=proc1 thread~work", [&](auto r) { return track(r).process == "proc1"; });
    compare("source=2", [&](auto r) { return track(r).sourceId == 2; });
    compare("kind=server", [&](auto r) { return c.kind[r] == std::uint8_t(SpanKind::Server); });
    compare("kind!=server -kind=async", [&](auto r) { return c.kind[r] != 1 && c.kind[r] != 5; });
    compare("status=error", [&](auto r) { return c.status[r] == std::uint8_t(SpanStatus::Error); });
    compare("http=2xx", [&](auto r) { return c.httpStatus[r] / 100 == 2; });
    compare("http>=400 http<500", [&](auto r) { return c.httpStatus[r] / 100 == 4; });
    compare("http>=0", [&](auto r) { return c.httpStatus[r] != 0; });
    compare("-http=2xx", [&](auto r) { return c.httpStatus[r] / 100 != 2; });
    compare("duration>=10us", [&](auto r) { return c.duration[r] >= 10'000; });
    compare("duration<10us", [&](auto r) { return c.duration[r] >= 0 && c.duration[r] < 10'000; });
    compare("duration>=5us duration<7us",
        [&](auto r) { return c.duration[r] >= 5'000 && c.duration[r] < 7'000; });
    compare("self>1us status=ok", [&](auto r) { return c.self[r] > 1'000 && c.status[r] == 1; });
    compare("depth>=1", [&](auto r) { return c.depth[r] >= 1; });
    compare("trace=150", [&](auto r) { return c.trace[r] != kNoRow && c.traceIds[c.trace[r]] == 150; });
    compare("trace!=150", [&](auto r) { return c.trace[r] == kNoRow || c.traceIds[c.trace[r]] != 150; });
    compare("trace>=0", [&](auto r) { return c.trace[r] != kNoRow; });
}

void TestSpanFilter::complement()
{
    const auto columns = spanfixture::randomColumns(8, 2000);
    for (const char *term :
        {"op1", "/op[1-3]/", "operation~3$", "service=service0", "kind=async", "status=ok", "http=3xx",
            "http<300", "duration>4us", "self<=4us", "depth=0", "trace<150", "source=1"}) {
        const std::size_t with = passing(*columns, term).size();
        const std::size_t without = passing(*columns, std::string("-") + term).size();
        QVERIFY2(with + without == columns->size(), term);
    }
}

void TestSpanFilter::emptyFilterPassesAll()
{
    const auto columns = spanfixture::randomColumns(9, 100);
    const auto bitmap = evaluateFilter(*columns, *parseFilter("   "), {});
    QVERIFY(bitmap.has_value());
    QVERIFY(*bitmap == nullptr);
    const SpanColumns none;
    const auto ofNothing = evaluateFilter(none, *parseFilter("x"), {});
    QVERIFY(ofNothing.has_value());
    QCOMPARE((*ofNothing)->count(), std::size_t(0));
}

void TestSpanFilter::cancelled()
{
    const auto columns = spanfixture::randomColumns(9, 100);
    Progress progress;
    progress.cancel.cancel();
    const auto bitmap = evaluateFilter(*columns, *parseFilter("x"), progress);
    QVERIFY(!bitmap);
    QCOMPARE(bitmap.error().code, ErrorCode::Cancelled);
}

void TestSpanFilter::bitmap()
{
    for (const std::size_t rows : {0, 1, 63, 64, 65, 130}) {
        SpanBitmap all(rows, true), none(rows);
        QCOMPARE(all.count(), rows);
        QCOMPARE(none.count(), std::size_t(0));
        if (rows == 0)
            continue;
        none.set(rows - 1);
        QVERIFY(none.test(rows - 1));
        QCOMPARE(none.count(), std::size_t(1));
        none.set(rows - 1, false);
        QCOMPARE(none.count(), std::size_t(0));
    }
}

void TestSpanFilter::limits()
{
    QVERIFY(!parseFilter(std::string(70'000, 'a')));
    std::string many;
    for (int i = 0; i < 300; ++i)
        many += "a ";
    const Result<Filter> filter = parseFilter(many);
    QVERIFY(!filter);
    QVERIFY(filter.error().toText().find("256") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestSpanFilter)
#include "tst_spanfilter.moc"
