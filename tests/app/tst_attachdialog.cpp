// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Where to attach: parts and text in step, passwords that leave no trace, what a test says.
#include "app/attachdialog.h"
#include "app/keychain.h"

#include <QAccessible>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSettings>
#include <QStandardPaths>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

using namespace tailscope;
using app::AttachDialog;
using app::AttachEntry;

namespace {

/// The field behind a label of the form.
QLineEdit *field(AttachDialog &dialog, const char *label)
{
    for (QLabel *one : dialog.findChildren<QLabel *>()) {
        if (QString(one->text()).remove(QLatin1Char('&')) == QLatin1String(label))
            return qobject_cast<QLineEdit *>(one->buddy());
    }
    return nullptr;
}

QPushButton *button(AttachDialog &dialog, const char *text)
{
    for (QPushButton *one : dialog.findChildren<QPushButton *>()) {
        if (QString(one->text()).remove(QLatin1Char('&')) == QLatin1String(text))
            return one;
    }
    return nullptr;
}

void type(QLineEdit *edit, const QString &text)
{
    edit->setFocus();
    edit->clear();
    QTest::keyClicks(edit, text);
}

} // namespace

class TestAttachDialog : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init() { QSettings().clear(); }
    void partsAndTextInStep();
    void passwordsLeaveNoTrace();
    void severalServers();
    void saysWhatIsWrong();
    void testsAConnection();
    void factsInWords();
    void namesOfServices();
    void hasNamesAndPromises();
};

void TestAttachDialog::initTestCase()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("tailscope-test"));
    QCoreApplication::setApplicationName(QStringLiteral("tst_attachdialog"));
}

void TestAttachDialog::partsAndTextInStep()
{
    session::JobQueue jobs;
    AttachDialog dialog(&jobs);
    dialog.show();
    QLineEdit *text = field(dialog, "Connection text:"), *host = field(dialog, "Host:"),
              *database = field(dialog, "Database:"), *user = field(dialog, "User:");
    QVERIFY(text && host && database && user);
    type(host, QStringLiteral("db.example"));
    type(user, QStringLiteral("o'hara"));
    QCOMPARE(dialog.entries()[0].part("host"), QStringLiteral("db.example"));
    QCOMPARE(dialog.entries()[0].part("user"), QStringLiteral("o'hara"));
    QVERIFY(text->text().contains(QLatin1String("host=")));
    // The other way, by a URI; what has no field of its own stays when a field changes.
    type(text, QStringLiteral("postgresql://ann@[::1]:5433/shop?sslmode=require&connect_timeout=7"));
    QCOMPARE(host->text(), QStringLiteral("::1"));
    QCOMPARE(database->text(), QStringLiteral("shop"));
    QCOMPARE(user->text(), QStringLiteral("ann"));
    type(database, QStringLiteral("sales"));
    const AttachEntry &entry = dialog.entries()[0];
    QCOMPARE(entry.part("connect_timeout"), QStringLiteral("7"));
    QCOMPARE(entry.part("sslmode"), QStringLiteral("require"));
    QCOMPARE(entry.part("dbname"), QStringLiteral("sales"));
    QCOMPARE(entry.part("port"), QStringLiteral("5433"));
}

void TestAttachDialog::passwordsLeaveNoTrace()
{
    session::JobQueue jobs;
    AttachDialog dialog(&jobs);
    dialog.show();
    type(field(dialog, "Connection text:"), QStringLiteral("postgresql://ann:s3cret@db/shop"));
    // Leaving the field moves it to where it cannot be read.
    field(dialog, "Database:")->setFocus();
    Q_EMIT field(dialog, "Connection text:")->editingFinished();
    QVERIFY(!field(dialog, "Connection text:")->text().contains(QLatin1String("s3cret")));
    QCOMPARE(field(dialog, "Password:")->text(), QStringLiteral("s3cret"));
    QCOMPARE(field(dialog, "Password:")->echoMode(), QLineEdit::Password);
    button(dialog, "Attach")->click();
    QCOMPARE(dialog.result(), int(QDialog::Accepted));
    const auto targets = dialog.targets();
    QCOMPARE(targets.size(), std::size_t(1));
    QCOMPARE(targets[0].password, std::string("s3cret"));
    QVERIFY(targets[0].conninfo.find("s3cret") == std::string::npos);
    // Nor in the settings, in which it is offered the next time.
    QSettings settings;
    settings.sync();
    for (const QString &key : settings.allKeys())
        QVERIFY(!settings.value(key).toStringList().join(QLatin1Char(' ')).contains(QLatin1String("s3cret")));
    const auto recent = app::recentAttachments();
    QCOMPARE(recent.size(), std::size_t(1));
    QCOMPARE(recent[0][0].part("user"), QStringLiteral("ann"));
    AttachDialog again(&jobs);
    again.setEntries(recent[0]);
    QCOMPARE(field(again, "Database:")->text(), QStringLiteral("shop"));
    QVERIFY(field(again, "Password:")->text().isEmpty());
}

void TestAttachDialog::severalServers()
{
    session::JobQueue jobs;
    AttachDialog dialog(&jobs);
    dialog.show();
    type(field(dialog, "Host:"), QStringLiteral("db1"));
    type(field(dialog, "User:"), QStringLiteral("watch"));
    type(field(dialog, "Name:"), QStringLiteral("primary"));
    QVERIFY(!button(dialog, "Remove")->isEnabled());
    button(dialog, "Add PostgreSQL")->click();
    // The next one begins beside the first.
    QCOMPARE(field(dialog, "Host:")->text(), QStringLiteral("db1"));
    type(field(dialog, "Host:"), QStringLiteral("db2"));
    button(dialog, "Add PgBouncer")->click();
    QCOMPARE(dialog.entries().size(), std::size_t(3));
    const auto targets = dialog.targets();
    QCOMPARE(targets.size(), std::size_t(3));
    QCOMPARE(targets[0].label, std::string("primary"));
    QVERIFY(targets[2].kind == live::TargetKind::Pgbouncer);
    QVERIFY(targets[2].conninfo.find("pgbouncer") != std::string::npos);
    auto *list = dialog.findChild<QListWidget *>();
    list->setCurrentRow(0);
    QCOMPARE(field(dialog, "Host:")->text(), QStringLiteral("db1"));
    QCOMPARE(field(dialog, "Name:")->text(), QStringLiteral("primary"));
    button(dialog, "Remove")->click();
    QCOMPARE(dialog.entries().size(), std::size_t(2));
    QCOMPARE(field(dialog, "Host:")->text(), QStringLiteral("db2"));
    dialog.findChild<QDoubleSpinBox *>()->setValue(2.5);
    QCOMPARE(dialog.options().sampling.interval, std::chrono::milliseconds(2500));
}

void TestAttachDialog::saysWhatIsWrong()
{
    session::JobQueue jobs;
    AttachDialog dialog(&jobs);
    dialog.show();
    type(field(dialog, "Host:"), QStringLiteral("db1"));
    type(field(dialog, "Connection text:"), QStringLiteral("hots=db2"));
    QVERIFY(!button(dialog, "Attach")->isEnabled());
    QVERIFY(!button(dialog, "Test the Connection")->isEnabled());
    bool isSaid = false;
    for (const QLabel *label : dialog.findChildren<QLabel *>())
        isSaid = isSaid || (label->isVisible() && label->text().contains(QLatin1String("hots")));
    QVERIFY(isSaid);
    QCOMPARE(field(dialog, "Host:")->text(), QStringLiteral("db1")); // as it was understood last
    type(field(dialog, "Connection text:"), QStringLiteral("host=db2"));
    QVERIFY(button(dialog, "Attach")->isEnabled());
    QCOMPARE(field(dialog, "Host:")->text(), QStringLiteral("db2"));
}

void TestAttachDialog::testsAConnection()
{
    // A port that nobody listens on: bound once, so that it is free.
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    const quint16 port = server.serverPort();
    server.close();
    session::JobQueue jobs;
    AttachDialog dialog(&jobs);
    dialog.show();
    type(field(dialog, "Connection text:"),
        QStringLiteral("host=127.0.0.1 port=%1 dbname=x user=y").arg(port));
    button(dialog, "Test the Connection")->click();
    QVERIFY(!button(dialog, "Test the Connection")->isEnabled());
    QTRY_VERIFY_WITH_TIMEOUT(button(dialog, "Test the Connection")->isEnabled(), 20'000);
    QVERIFY2(dialog.resultText().contains(QString::number(port)), qPrintable(dialog.resultText()));
    // Another server is chosen: what was said of the first is gone.
    button(dialog, "Add PgBouncer")->click();
    QVERIFY(dialog.resultText().isEmpty());
}

void TestAttachDialog::factsInWords()
{
    live::ServerFacts facts;
    facts.engine = live::Engine::PostgreSql;
    facts.versionText = "15.18";
    facts.user = "observer";
    facts.inRecovery = true;
    facts.hidden = {"query texts of other users: needs pg_monitor"};
    facts.sslmode = "prefer";
    facts.clockDifferenceNs = -1'500'000'000;
    const QString text = AttachDialog::factsText(facts);
    for (const char *part : {"15.18", "standby", "Not encrypted (sslmode prefer)",
             "observer has no pg_monitor", "Hidden: query texts", "1.5 s behind ours"})
        QVERIFY2(text.contains(QLatin1String(part)), qPrintable(text));
    facts.isSuperuser = facts.hasMonitor = true;
    facts.tls = "TLSv1.3";
    facts.clockDifferenceNs = 0;
    const QString other = AttachDialog::factsText(facts);
    for (const char *part : {"superuser", "Encrypted: TLSv1.3", "Clocks agree"})
        QVERIFY2(other.contains(QLatin1String(part)), qPrintable(other));
}

void TestAttachDialog::namesOfServices()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("services")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("# a comment\n[shop]\nhost=db1\n\n[ sales ]\n");
    file.close();
    qputenv("PGSERVICEFILE", file.fileName().toUtf8());
    QCOMPARE(app::serviceNames(), (QStringList{QStringLiteral("shop"), QStringLiteral(" sales ")}));
    session::JobQueue jobs;
    AttachDialog dialog(&jobs);
    bool isOffered = false;
    for (QComboBox *box : dialog.findChildren<QComboBox *>()) {
        const int at = box->findText(QStringLiteral("shop"));
        if (at < 0)
            continue;
        isOffered = true;
        box->setCurrentIndex(at);
        Q_EMIT box->activated(at);
    }
    QVERIFY(isOffered);
    QCOMPARE(dialog.entries()[0].part("service"), QStringLiteral("shop"));
    qunsetenv("PGSERVICEFILE");
}

void TestAttachDialog::hasNamesAndPromises()
{
    session::JobQueue jobs;
    AttachDialog dialog(&jobs);
    dialog.show();
    QString all;
    for (const QLabel *label : dialog.findChildren<QLabel *>())
        all += label->text();
    for (const char *promise : {"It only reads", "statement_timeout 3 s", "lock_timeout 0.2 s", "12 ms"})
        QVERIFY2(all.contains(QLatin1String(promise)), promise);
    for (QWidget *widget : dialog.findChildren<QWidget *>()) {
        if (!widget->isVisible() || !(widget->focusPolicy() & Qt::TabFocus) || widget->focusProxy())
            continue;
        const QAccessibleInterface *face = QAccessible::queryAccessibleInterface(widget);
        QVERIFY2(face && !face->text(QAccessible::Name).isEmpty(), widget->metaObject()->className());
    }
    const QCheckBox *remember = dialog.findChild<QCheckBox *>();
    QCOMPARE(remember->isVisible(), app::hasKeychain());
}

QTEST_MAIN(TestAttachDialog)
#include "tst_attachdialog.moc"
