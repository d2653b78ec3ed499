// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFile>
#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

/// The program itself, as a shell would call it.
class TestCommandLine : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void versionAndHelp();
    void printsTheCatalogScript();
    void importQueryReport();
    void badFileIsNamedAndTheRestGoesOn();
    void wrongUsageIsTwo();
    void queryCannotWrite();
    void explainPrintsTheContract();
    void explainComparesTwoPlans();
    void explainFailsOnFindings();
    void explainNamesThePlaceOfBadInput();
    void checkGatesOnFindings();
    void checkGatesAgainstABaseline();
    void checkGatesByABudget();
    void rendersEveryView_data();
    void rendersEveryView();
    void sameBytesAreNotImportedTwice();
    void unfinishedSourcesAreFinishedFirst();
    void rejectsAreListedAndMended();
    void offsetOfSameBytesIsNotSilent();
    void proseIsNoProfile();
    void noDisplayIsAClearMessage();

private:
    struct Outcome
    {
        int code = -1;
        QByteArray out, err;
    };
    Outcome run(const QStringList &arguments, const QByteArray &input = {});
    QString write(const char *name, const QByteArray &bytes);
    QString sample(const char *name)
    {
        return QStringLiteral(TS_SOURCE_DIR "/resources/samples/") + QString::fromLatin1(name);
    }
    QTemporaryDir m_folder;
};

const QByteArray kTrace = R"([{"name":"outer","ph":"X","ts":0,"dur":100,"pid":1,"tid":1},
{"name":"inner","ph":"X","ts":10,"dur":30,"pid":1,"tid":1}])";

TestCommandLine::Outcome TestCommandLine::run(const QStringList &arguments, const QByteArray &input)
{
    QProcess process;
    process.start(QStringLiteral(TS_BINARY_DIR "/tailscope"), arguments);
    process.write(input);
    process.closeWriteChannel();
    if (!process.waitForFinished(120000))
        return {};
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
        process.readAllStandardOutput(), process.readAllStandardError()};
}

QString TestCommandLine::write(const char *name, const QByteArray &bytes)
{
    QFile file(m_folder.filePath(QString::fromLatin1(name)));
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write %s", name);
    return file.fileName();
}

void TestCommandLine::initTestCase()
{
    QVERIFY(QFile::exists(QStringLiteral(TS_BINARY_DIR "/tailscope")));
    qputenv("HOME", m_folder.path().toLocal8Bit());
}

void TestCommandLine::versionAndHelp()
{
    QCOMPARE(run({QStringLiteral("--version")}).out.left(10), QByteArray("tailscope "));
    const Outcome help = run({QStringLiteral("--help")});
    QCOMPARE(help.code, 0);
    for (const char *command : {"import", "report", "query", "explain", "render", "sources", "remove",
             "formats", "views", "catalog-sql"})
        QVERIFY2(help.out.contains(command), command);
}

void TestCommandLine::printsTheCatalogScript()
{
    const Outcome plain = run({QStringLiteral("catalog-sql")});
    QCOMPARE(plain.code, 0);
    QVERIFY(plain.out.contains("psql -X -At -f catalog.sql") && plain.out.contains("BEGIN READ ONLY;"));
    QVERIFY(plain.out.contains("\n\\set with_values 0\n"));
    const Outcome values = run({QStringLiteral("catalog-sql"), QStringLiteral("--with-values")});
    QVERIFY(values.out.contains("\n\\set with_values 1\n") && !values.out.contains("with_values 0"));
    QCOMPARE(run({QStringLiteral("catalog-sql"), QStringLiteral("extra")}).code, 2);
}

void TestCommandLine::importQueryReport()
{
    const QString workspace = m_folder.filePath(QStringLiteral("a.tailscope"));
    const Outcome imported
        = run({QStringLiteral("import"), write("a.json", kTrace), QStringLiteral("--to"), workspace});
    QVERIFY2(imported.code == 0, imported.err);
    const Outcome query = run({QStringLiteral("query"), workspace,
        QStringLiteral("SELECT operation, self_ns FROM span ORDER BY id"), QStringLiteral("--format"),
        QStringLiteral("json")});
    QVERIFY2(query.code == 0, query.err);
    const QJsonArray rows = QJsonDocument::fromJson(query.out).array();
    QCOMPARE(rows.size(), 2);
    QCOMPARE(rows.first().toObject().value(QStringLiteral("self_ns")).toInt(), 70000);
    const Outcome csv = run({QStringLiteral("query"), workspace, QStringLiteral("SELECT 'a,b' AS x, 1 AS y"),
        QStringLiteral("--format"), QStringLiteral("csv")});
    QCOMPARE(csv.out, QByteArray("x,y\n\"a,b\",1\n"));
    const Outcome report
        = run({QStringLiteral("report"), workspace, QStringLiteral("--format"), QStringLiteral("json")});
    QVERIFY2(report.code == 0, report.err);
    QCOMPARE(
        QJsonDocument::fromJson(report.out).object().value(QStringLiteral("operations")).toArray().size(), 2);
}

void TestCommandLine::badFileIsNamedAndTheRestGoesOn()
{
    const QString workspace = m_folder.filePath(QStringLiteral("b.tailscope"));
    const Outcome imported = run({QStringLiteral("import"), m_folder.filePath(QStringLiteral("missing.json")),
        write("rubbish.bin", QByteArray(2000, '\x01')), write("b.json", kTrace), QStringLiteral("--to"),
        workspace});
    QCOMPARE(imported.code, 3);
    QVERIFY2(imported.err.contains("missing.json"), imported.err);
    QVERIFY2(imported.err.contains("rubbish.bin"), imported.err);
    QVERIFY2(imported.out.contains("b.json: chrome-trace"), imported.out);
}

void TestCommandLine::wrongUsageIsTwo()
{
    QCOMPARE(run({QStringLiteral("import"), QStringLiteral("x.json")}).code, 2);
    QCOMPARE(run({QStringLiteral("report")}).code, 2);
    QCOMPARE(run({QStringLiteral("--nonsense")}).code, 2);
    QCOMPARE(run({QStringLiteral("record"), QStringLiteral("--to"), QStringLiteral("x.tailscope")}).code, 2);
    QCOMPARE(run({QStringLiteral("record"), QStringLiteral("host=x")}).code, 2);
    QCOMPARE(run({QStringLiteral("record"), QStringLiteral("host=x"), QStringLiteral("--probe"),
                     QStringLiteral("nonsense=1s"), QStringLiteral("--to"), QStringLiteral("x.tailscope")})
                 .code,
        2);
    QCOMPARE(run({QStringLiteral("render"), QStringLiteral("x"), QStringLiteral("--view"),
                     QStringLiteral("none"), QStringLiteral("-o"), QStringLiteral("x.png")})
                 .code,
        2);
}

void TestCommandLine::queryCannotWrite()
{
    const QString workspace = m_folder.filePath(QStringLiteral("a.tailscope"));
    for (const char *sql : {"DELETE FROM source_raw", "ATTACH 'x' AS y", "PRAGMA journal_mode=DELETE"}) {
        const Outcome outcome = run({QStringLiteral("query"), workspace, QString::fromLatin1(sql)});
        QVERIFY2(outcome.code != 0, sql);
    }
    QCOMPARE(run({QStringLiteral("query"), workspace, QStringLiteral("SELECT count(*) FROM span"),
                     QStringLiteral("--format"), QStringLiteral("csv")})
                 .out,
        QByteArray("count(*)\n2\n"));
}

void TestCommandLine::explainPrintsTheContract()
{
    QFile file(sample("order-lookup/plan-a.txt"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const Outcome outcome = run({QStringLiteral("explain"), QStringLiteral("-"), QStringLiteral("--format"),
                                    QStringLiteral("json")},
        file.readAll());
    QVERIFY2(outcome.code == 0, outcome.err);
    const QJsonObject plan = QJsonDocument::fromJson(outcome.out)
                                 .object()
                                 .value(QStringLiteral("plans"))
                                 .toArray()
                                 .first()
                                 .toObject();
    QCOMPARE(plan.value(QStringLiteral("node_count")).toInt(), 1);
    QCOMPARE(plan.value(QStringLiteral("execution_ms")).toDouble(), 287893.01);
    const QJsonObject node = plan.value(QStringLiteral("nodes")).toArray().first().toObject();
    QCOMPARE(node.value(QStringLiteral("relation")).toString(), QStringLiteral("orders"));
    QCOMPARE(node.value(QStringLiteral("self_ms")).toDouble(), 287892.55);
    int critical = 0;
    for (const QJsonValue &finding : plan.value(QStringLiteral("findings")).toArray())
        critical
            += finding.toObject().value(QStringLiteral("severity")).toString() == QLatin1String("critical")
            ? 1
            : 0;
    QCOMPARE(critical, 1);
}

void TestCommandLine::explainComparesTwoPlans()
{
    const Outcome outcome
        = run({QStringLiteral("explain"), sample("order-lookup/plan-a.txt"), QStringLiteral("--diff"),
            sample("order-lookup/plan-b.txt"), QStringLiteral("--format"), QStringLiteral("json")});
    QVERIFY2(outcome.code == 0, outcome.err);
    const QJsonObject comparison = QJsonDocument::fromJson(outcome.out).object();
    QVERIFY(qAbs(comparison.value(QStringLiteral("time_factor")).toDouble() / 56229 - 1) < 0.001);
    QVERIFY(qAbs(comparison.value(QStringLiteral("buffers_factor")).toDouble() / 1757.7 - 1) < 0.001);
    QVERIFY(qAbs(comparison.value(QStringLiteral("cost_factor")).toDouble() / 2451 - 1) < 0.001);
}

void TestCommandLine::explainFailsOnFindings()
{
    const auto code
        = [this](const QStringList &more) { return run(QStringList{QStringLiteral("explain")} + more).code; };
    const QString bad = sample("order-lookup/plan-a.txt"), good = sample("order-lookup/plan-b.txt");
    const QString failOn = QStringLiteral("--fail-on"), critical = QStringLiteral("critical");
    QCOMPARE(code({bad}), 0);
    QCOMPARE(code({bad, failOn, critical}), 1);
    QCOMPARE(code({good, failOn, QStringLiteral("warning")}), 0);
    QCOMPARE(code({good, failOn, QStringLiteral("info")}), 2);
    QCOMPARE(code({good, QStringLiteral("--diff"), bad, failOn, critical}), 2);
}

void TestCommandLine::explainNamesThePlaceOfBadInput()
{
    const QStringList explain{QStringLiteral("explain"), QStringLiteral("-")};
    const Outcome cut = run(explain, "[{\"Plan\": {\"Node Type\": 7, ]]]\n");
    QCOMPARE(cut.code, 3);
    QVERIFY2(cut.err.contains("line 1, column 28"), cut.err);
    const Outcome other = run(explain, "no plan at all\n");
    QCOMPARE(other.code, 3);
    const Outcome missing = run({QStringLiteral("explain"), QStringLiteral("/no/such/plan.txt")});
    QCOMPARE(missing.code, 3);
    QVERIFY(missing.err.contains("/no/such/plan.txt"));
}

void TestCommandLine::checkGatesOnFindings()
{
    const QString junit = m_folder.filePath(QStringLiteral("junit.xml"));
    QCOMPARE(run({QStringLiteral("check"), sample("order-lookup/plan-a.txt"), QStringLiteral("--junit"),
                     junit})
                 .code,
        1);
    QFile file(junit);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(file.readAll().contains("<failure type=\"critical\">"));
    QCOMPARE(run({QStringLiteral("check"), sample("order-lookup/plan-b.txt")}).code, 0);
}

/// n calls of one operation, each of `us`.
static QByteArray calls(int n, int us, const char *name = "GET")
{
    QByteArray json = "[";
    for (int i = 0; i < n; ++i) {
        json += i == 0 ? "" : ",\n";
        json += QByteArray("{\"name\":\"") + name + "\",\"ph\":\"X\",\"ts\":" + QByteArray::number(i * 1000)
            + ",\"dur\":" + QByteArray::number(us) + ",\"pid\":1,\"tid\":1}";
    }
    return json + "]";
}

void TestCommandLine::checkGatesByABudget()
{
    const QString traces = sample("checkout/checkout.otlp.jsonl.gz");
    const auto check = [&](const QString &budget, const QStringList &more = {}) {
        return run(QStringList{QStringLiteral("check"), traces, QStringLiteral("--budget"), budget} + more);
    };
    const auto budgetOf = [&](const char *name, const QByteArray &target, const QByteArray &parts = {}) {
        return write(name,
            "[budget]\nname = \"b\"\nmatch = \"POST /api/checkout\"\ntarget_ms = " + target + "\n" + parts);
    };
    const QString junit = m_folder.filePath(QStringLiteral("budget.xml"));
    Outcome outcome = check(sample("checkout/budget.toml"), {QStringLiteral("--junit"), junit});
    QVERIFY2(outcome.code == 1, outcome.out + outcome.err);
    QVERIFY2(outcome.out.contains("BROKEN") && outcome.out.contains("floor: at least 515 ms"), outcome.out);
    QFile file(junit);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray xml = file.readAll();
    QVERIFY2(xml.contains("name=\"Database\"><failure type=\"budget\">"), xml);
    // The P95 is 1,291.31 ms: equal passes, less does not.
    QCOMPARE(check(budgetOf("equal.toml", "1291.31")).code, 0);
    QCOMPARE(check(budgetOf("less.toml", "1291.309")).code, 1);
    const QByteArray absent = "[[component]]\nname = \"x\"\nmatch = \"no such span\"\nbudget_ms = 1\n";
    outcome = check(budgetOf("absent.toml", "2000", absent));
    QCOMPARE(outcome.code, 6);
    QVERIFY2(outcome.err.contains("could not be decided: x"), outcome.err);
    QCOMPARE(check(budgetOf("optional.toml", "2000", absent + "optional = true\n")).code, 0);
    QCOMPARE(run({QStringLiteral("check"), sample("order-lookup/plan-b.txt"), QStringLiteral("--budget"),
                     QStringLiteral("api-200ms")})
                 .code,
        6); // no requests
    outcome = check(QStringLiteral("nowhere.toml"));
    QCOMPARE(outcome.code, 3);
    QVERIFY2(outcome.err.contains("api-200ms"), outcome.err);
    QCOMPARE(check(write("broken.toml", "[budget]\nname = 5\n")).code, 3);

    outcome = check(QStringLiteral("checkout-500ms"), {QStringLiteral("--format"), QStringLiteral("json")});
    QCOMPARE(outcome.code, 1);
    const QJsonObject gate
        = QJsonDocument::fromJson(outcome.out).object()[QStringLiteral("budget")].toObject();
    QCOMPARE(gate[QStringLiteral("gate")].toString(), QStringLiteral("broken"));
    QCOMPARE(gate[QStringLiteral("requests")].toInt(), 400);
}

void TestCommandLine::checkGatesAgainstABaseline()
{
    const QString before = write("before.json", calls(300, 100));
    const auto check = [&](const QString &now, const QStringList &more = {}) {
        return run(QStringList{QStringLiteral("check"), now, QStringLiteral("--baseline"), before} + more);
    };
    const QString equal = write("equal.json", calls(300, 120)), worse = write("worse.json", calls(300, 121));
    Outcome outcome = check(equal);
    QVERIFY2(outcome.code == 0, outcome.out + outcome.err); // exactly 20 % more passes
    QVERIFY2(outcome.out.contains("gate passed"), outcome.out);
    const QString junit = m_folder.filePath(QStringLiteral("baseline.xml"));
    outcome = check(worse, {QStringLiteral("--junit"), junit});
    QVERIFY2(outcome.code == 1, outcome.out + outcome.err);
    QVERIFY2(outcome.out.contains("FAIL  ") && outcome.out.contains("P95 100"), outcome.out);
    QFile file(junit);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray xml = file.readAll();
    QVERIFY2(xml.contains("<failure type=\"worse\">P95 100") && xml.contains("failures=\"1\""), xml);
    QCOMPARE(check(worse, {QStringLiteral("--max-p95-ratio"), QStringLiteral("1.21")}).code, 0);
    QCOMPARE(check(worse, {QStringLiteral("--max-p95-ratio"), QStringLiteral("0.5")}).code, 2);
    QCOMPARE(check(write("few.json", calls(20, 900))).code, 6);
    outcome = check(write("other.json", calls(300, 100, "PUT")));
    QCOMPARE(outcome.code, 6);
    QVERIFY2(outcome.err.contains("no operation occurs in both sets"), outcome.err);
    QCOMPARE(check(m_folder.filePath(QStringLiteral("absent.json"))).code, 3);
    QCOMPARE(
        run({QStringLiteral("check"), worse, QStringLiteral("--baseline"), QStringLiteral("nowhere")}).code,
        3);

    outcome = check(worse, {QStringLiteral("--format"), QStringLiteral("json")});
    QCOMPARE(outcome.code, 1);
    const QJsonObject gate
        = QJsonDocument::fromJson(outcome.out).object()[QStringLiteral("baseline")].toObject();
    QCOMPARE(gate[QStringLiteral("gate")].toString(), QStringLiteral("failed"));
    const QJsonObject p95
        = gate[QStringLiteral("operations")].toArray().first().toObject()[QStringLiteral("p95")].toObject();
    QCOMPARE(p95[QStringLiteral("ms")].toDouble(), 0.121);
    QCOMPARE(p95[QStringLiteral("ratio")].toDouble(), 1.21);
    QCOMPARE(p95[QStringLiteral("verdict")].toString(), QStringLiteral("worse"));
    // A workspace as the reference.
    const QString stored = m_folder.filePath(QStringLiteral("reference.tailscope"));
    QCOMPARE(run({QStringLiteral("import"), before, QStringLiteral("--to"), stored}).code, 0);
    QCOMPARE(run({QStringLiteral("check"), worse, QStringLiteral("--baseline"), stored}).code, 1);
    QCOMPARE(run({QStringLiteral("check"), before, QStringLiteral("--baseline"), stored}).code, 0);
}

void TestCommandLine::rendersEveryView_data()
{
    QTest::addColumn<QString>("view");
    QTest::addColumn<QString>("theme");
    const QJsonArray views = QJsonDocument::fromJson(
        run({QStringLiteral("views"), QStringLiteral("--format"), QStringLiteral("json")}).out)
                                 .array();
    QVERIFY(views.size() >= 8);
    for (const QJsonValue &value : views) {
        const QString id = value.toObject().value(QStringLiteral("id")).toString();
        for (const char *theme : {"light", "dark"})
            QTest::newRow(qPrintable(id + QLatin1Char('-') + QString::fromLatin1(theme)))
                << id << QString::fromLatin1(theme);
    }
}

void TestCommandLine::rendersEveryView()
{
    QFETCH(QString, view);
    QFETCH(QString, theme);
    const QString picture = m_folder.filePath(view + theme + QStringLiteral(".png"));
    const Outcome outcome = run({QStringLiteral("render"), sample("tour/checkout.trace.json"),
        sample("order-lookup/plan-a.txt"), QStringLiteral("--view"), view, QStringLiteral("--theme"), theme,
        QStringLiteral("--size"), QStringLiteral("900x600"), QStringLiteral("-o"), picture});
    QVERIFY2(outcome.code == 0, outcome.err);
    const QImage image(picture);
    QCOMPARE(image.size(), QSize(900, 600));
    QSet<QRgb> colours;
    for (int y = 0; y < image.height(); y += 3) {
        for (int x = 0; x < image.width(); x += 3)
            colours.insert(image.pixel(x, y));
    }
    QVERIFY2(colours.size() > 5, "the picture is nearly blank");
    const int lightness = qGray(image.pixel(2, image.height() - 3));
    QVERIFY2(theme == QLatin1String("dark") ? lightness < 128 : lightness > 128,
        qPrintable(QString::number(lightness)));
}

void TestCommandLine::sameBytesAreNotImportedTwice()
{
    const QString workspace = m_folder.filePath(QStringLiteral("c.tailscope"));
    const QString file = write("c.json", kTrace);
    QCOMPARE(run({QStringLiteral("import"), file, QStringLiteral("--to"), workspace}).code, 0);
    const Outcome again = run({QStringLiteral("import"), file, QStringLiteral("--to"), workspace});
    QCOMPARE(again.code, 0);
    QVERIFY2(again.out.contains("same bytes as source 1"), again.out);
}

void TestCommandLine::unfinishedSourcesAreFinishedFirst()
{
    const QString workspace = m_folder.filePath(QStringLiteral("cut.tailscope"));
    const auto query = [&](const char *sql) {
        return run({QStringLiteral("query"), workspace, QString::fromLatin1(sql), QStringLiteral("--format"),
                       QStringLiteral("csv")})
            .out;
    };
    // As a kill between the rows and the analyses leaves it: the same file, with what is derived taken away.
    const auto forget = [&] {
        QProcess python;
        python.start(QStringLiteral("python3"),
            {QStringLiteral("-c"),
                QStringLiteral("import sqlite3, sys\nd = sqlite3.connect(sys.argv[1])\n"
                               "for t in ('span_calc', 'analysis_run', 'operation_stat', 'pyramid'):\n"
                               " d.execute('DELETE FROM ' + t)\nd.commit()"),
                workspace});
        return python.waitForFinished(30000) && python.exitCode() == 0;
    };
    QCOMPARE(
        run({QStringLiteral("import"), write("cut.json", kTrace), QStringLiteral("--to"), workspace}).code,
        0);
    QVERIFY(forget());
    QCOMPARE(query("SELECT self_ns FROM span ORDER BY id"), QByteArray("self_ns\n70000\n30000\n"));
    QVERIFY(forget());
    const Outcome report
        = run({QStringLiteral("report"), workspace, QStringLiteral("--format"), QStringLiteral("json")});
    QVERIFY2(report.out.contains("\"self_ms\": 0.07"), report.out);
    QVERIFY(forget());
    const QString picture = m_folder.filePath(QStringLiteral("cut.png"));
    const Outcome rendered = run({QStringLiteral("render"), workspace, QStringLiteral("--view"),
        QStringLiteral("flame"), QStringLiteral("-o"), picture});
    QVERIFY2(rendered.code == 0, rendered.err);
    QVERIFY2(!rendered.err.contains("not computed"), rendered.err);
}

void TestCommandLine::rejectsAreListedAndMended()
{
    const QString workspace = m_folder.filePath(QStringLiteral("rejects.tailscope"));
    const QString file = write("stacks.folded", "a;b 1\na;d 2\na;c\n");
    QCOMPARE(run({QStringLiteral("import"), file, QStringLiteral("--to"), workspace}).code, 0);
    const Outcome listed
        = run({QStringLiteral("sources"), workspace, QStringLiteral("--rejects"), QStringLiteral("1")});
    QVERIFY2(listed.code == 0, listed.err);
    QCOMPARE(QJsonDocument::fromJson(listed.out.trimmed()).object().value(QStringLiteral("bytes")).toString(),
        QStringLiteral("a;c"));
    const QString list = m_folder.filePath(QStringLiteral("rejects.jsonl"));
    QCOMPARE(run({QStringLiteral("sources"), workspace, QStringLiteral("--rejects"), QStringLiteral("1"),
                     QStringLiteral("-o"), list})
                 .code,
        0);
    QFile saved(list);
    QVERIFY(saved.open(QIODevice::ReadOnly));
    QCOMPARE(saved.readAll(), listed.out);
    const QString mended = write("mended.jsonl", QByteArray(listed.out).replace("a;c", "a;c 5"));
    const Outcome again = run({QStringLiteral("import"), mended, QStringLiteral("--mended"),
        QStringLiteral("1"), QStringLiteral("--to"), workspace});
    QVERIFY2(again.code == 0, again.err);
    QVERIFY2(again.out.contains("source 2"), again.out);
    QCOMPARE(run({QStringLiteral("query"), workspace, QStringLiteral("SELECT sum(total_weight) FROM profile"),
                     QStringLiteral("--format"), QStringLiteral("tsv")})
                 .out,
        QByteArray("sum(total_weight)\n8.0\n"));
    const auto code = [&](const QStringList &more) {
        return run(QStringList{QStringLiteral("sources"), workspace} + more).code;
    };
    QCOMPARE(code({QStringLiteral("--rejects"), QStringLiteral("x")}), 2);
    QCOMPARE(code({QStringLiteral("--rejects"), QStringLiteral("77")}), 3);
    QCOMPARE(code({QStringLiteral("-o"), list}), 2);
}

void TestCommandLine::offsetOfSameBytesIsNotSilent()
{
    const QString workspace = m_folder.filePath(QStringLiteral("offset.tailscope"));
    const QString file = write("offset.json", kTrace);
    QCOMPARE(run({QStringLiteral("import"), file, QStringLiteral("--to"), workspace}).code, 0);
    const Outcome again = run({QStringLiteral("import"), file, QStringLiteral("--to"), workspace,
        QStringLiteral("--offset"), QStringLiteral("2s")});
    QVERIFY2(again.out.contains("offset-ignored") && again.out.contains("2 s"), again.out);
}

void TestCommandLine::proseIsNoProfile()
{
    const Outcome outcome = run({QStringLiteral("report"), QStringLiteral("-")}, "SELECT 1\n");
    QCOMPARE(outcome.code, 3);
    QVERIFY2(outcome.err.contains("no importer recognises its content"), outcome.err);
}

void TestCommandLine::noDisplayIsAClearMessage()
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char *name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
        environment.remove(QString::fromLatin1(name));
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral(TS_BINARY_DIR "/tailscope"), QStringList());
    QVERIFY(process.waitForFinished(30000));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 2);
    QVERIFY(process.readAllStandardError().contains("no display"));
}

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_commandline.moc"
