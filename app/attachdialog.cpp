// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/attachdialog.h"

#include "app/keychain.h"
#include "base/text.h"
#include "live/connection.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QGroupBox>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::app {

namespace {

const QString kRole = QStringLiteral("CREATE ROLE tailscope LOGIN PASSWORD 'choose one' IN ROLE pg_monitor;");

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

struct Part
{
    const char *keyword;
    QLineEdit *field;
};

} // namespace

AttachDialog::AttachDialog(session::JobQueue *jobs, QWidget *parent)
    : QDialog(parent)
    , m_jobs(jobs)
    , m_testJob(jobs)
    , m_list(new QListWidget(this))
    , m_recent(new QComboBox(this))
    , m_kind(new QComboBox(this))
    , m_sslmode(new QComboBox(this))
    , m_service(new QComboBox(this))
    , m_name(new QLineEdit(this))
    , m_host(new QLineEdit(this))
    , m_port(new QLineEdit(this))
    , m_database(new QLineEdit(this))
    , m_user(new QLineEdit(this))
    , m_text(new QLineEdit(this))
    , m_password(new QLineEdit(this))
    , m_remember(new QCheckBox(tr("Remember in the &keychain"), this))
    , m_interval(new QDoubleSpinBox(this))
    , m_problem(new QLabel(this))
    , m_result(new QLabel(this))
{
    setWindowTitle(tr("Attach to PostgreSQL"));
    auto *layout = new QVBoxLayout(this);
    m_recent->addItem(tr("Attached before…"));
    for (const std::vector<AttachEntry> &entries : recentAttachments()) {
        QStringList names;
        for (const AttachEntry &entry : entries)
            names << entry.title();
        m_recent->addItem(names.join(QStringLiteral(", ")));
    }
    m_recent->setEnabled(m_recent->count() > 1);
    m_recent->setAccessibleName(tr("Attached before"));
    layout->addWidget(m_recent);
    auto *middle = new QHBoxLayout;
    middle->addWidget(createList());
    middle->addWidget(createForm(), 1);
    layout->addLayout(middle, 1);
    layout->addWidget(createPromise());
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_attach = buttons->addButton(tr("&Attach"), QDialogButtonBox::AcceptRole);
    m_attach->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &AttachDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    layout->addWidget(buttons);
    connectAll();
    addServer(live::TargetKind::Postgres);
    resize(860, sizeHint().height());
}

QWidget *AttachDialog::createList()
{
    auto *box = new QWidget(this);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    m_list->setAccessibleName(tr("Servers of this attachment"));
    m_list->setMaximumWidth(220);
    layout->addWidget(new QLabel(tr("Servers, watched together:"), box));
    layout->addWidget(m_list, 1);
    auto *server = new QPushButton(tr("Add &PostgreSQL"), box);
    server->setToolTip(tr("The primary and its replicas: lag is then seen from both ends"));
    auto *pooler = new QPushButton(tr("Add Pg&Bouncer"), box);
    m_remove = new QPushButton(tr("&Remove"), box);
    connect(server, &QPushButton::clicked, this, [this] { addServer(live::TargetKind::Postgres); });
    connect(pooler, &QPushButton::clicked, this, [this] { addServer(live::TargetKind::Pgbouncer); });
    connect(m_remove, &QPushButton::clicked, this, &AttachDialog::removeServer);
    for (QPushButton *button : {server, pooler, m_remove})
        layout->addWidget(button);
    return box;
}

QWidget *AttachDialog::createForm()
{
    auto *box = new QGroupBox(tr("Server"), this);
    auto *form = new QFormLayout(box);
    m_kind->addItem(tr("PostgreSQL, or an engine that speaks like it"), int(live::TargetKind::Postgres));
    m_kind->addItem(tr("PgBouncer: its admin console"), int(live::TargetKind::Pgbouncer));
    form->addRow(tr("K&ind:"), m_kind);
    m_name->setPlaceholderText(tr("as it is called in the views; else host:port/database"));
    form->addRow(tr("&Name:"), m_name);
    auto *place = new QHBoxLayout;
    m_host->setPlaceholderText(tr("host, address, or folder of the socket"));
    m_host->setAccessibleName(tr("Host"));
    m_port->setPlaceholderText(QStringLiteral("5432"));
    m_port->setMaximumWidth(90);
    m_port->setAccessibleName(tr("Port"));
    place->addWidget(m_host, 1);
    place->addWidget(new QLabel(QStringLiteral(":"), box));
    place->addWidget(m_port);
    form->addRow(tr("&Host:"), place);
    static_cast<QLabel *>(form->labelForField(place))->setBuddy(m_host);
    form->addRow(tr("&Database:"), m_database);
    form->addRow(tr("&User:"), m_user);
    m_sslmode->addItem(tr("as libpq decides (prefer)"), QString());
    for (const char *mode : {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
        m_sslmode->addItem(QString::fromLatin1(mode), QString::fromLatin1(mode));
    form->addRow(tr("sslmo&de:"), m_sslmode);
    m_service->addItem(tr("none"), QString());
    for (const QString &name : serviceNames())
        m_service->addItem(name, name);
    m_service->setToolTip(tr("Of libpq's service file: ~/.pg_service.conf or PGSERVICEFILE"));
    form->addRow(tr("Ser&vice:"), m_service);
    m_text->setPlaceholderText(QStringLiteral("host=... dbname=... user=...   postgresql://user@host/db"));
    form->addRow(tr("Connection te&xt:"), m_text);
    m_problem->setWordWrap(true);
    m_problem->setTextInteractionFlags(Qt::TextSelectableByMouse);
    form->addRow(QString(), m_problem);
    m_password->setEchoMode(QLineEdit::Password);
    m_password->setPlaceholderText(tr("empty: ~/.pgpass, the service file, or none"));
    form->addRow(tr("Pass&word:"), m_password);
    m_remember->setVisible(hasKeychain());
    form->addRow(QString(),
        hasKeychain() ? static_cast<QWidget *>(m_remember)
                      : new QLabel(tr("It is not kept. To be asked no more, put it into ~/.pgpass."), box));
    m_test = new QPushButton(tr("&Test the Connection"), box);
    m_result->setWordWrap(true);
    m_result->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_result->setAccessibleName(tr("Result of the test"));
    form->addRow(QString(), m_test);
    form->addRow(QString(), m_result);
    return box;
}

QWidget *AttachDialog::createPromise()
{
    auto *box = new QGroupBox(tr("What it does to the servers"), this);
    auto *layout = new QVBoxLayout(box);
    auto *text = new QLabel(
        tr("It only reads: one connection a server (application_name tailscope), "
           "default_transaction_read_only, statement_timeout 3 s, lock_timeout 0.2 s, one query at a time, "
           "no "
           "open transaction between them. A query that takes more than a fifth of its interval is asked "
           "less "
           "often. Measured: about 12 ms of server time a second with 1,500 statements and 8 sessions; the "
           "real cost is shown while it runs. Nothing is cancelled, changed or reset. What is read, texts of "
           "statements included, stays in this workspace; passwords are never written to it.\nA role that "
           "sees "
           "everything needed and nothing else:"),
        box);
    text->setWordWrap(true);
    layout->addWidget(text);
    auto *row = new QHBoxLayout;
    auto *role = new QLineEdit(kRole, box);
    role->setReadOnly(true);
    role->setAccessibleName(tr("Text that makes a monitoring role"));
    auto *copy = new QPushButton(tr("&Copy"), box);
    connect(copy, &QPushButton::clicked, this, [] { QGuiApplication::clipboard()->setText(kRole); });
    row->addWidget(role, 1);
    row->addWidget(copy);
    layout->addLayout(row);
    auto *interval = new QHBoxLayout;
    m_interval->setRange(0.5, 60);
    m_interval->setValue(1);
    m_interval->setSingleStep(0.5);
    m_interval->setDecimals(1);
    m_interval->setSuffix(tr(" s"));
    m_interval->setAccessibleName(tr("Interval"));
    auto *label = new QLabel(tr("Int&erval of sessions, waits and locks:"), box);
    label->setBuddy(m_interval);
    interval->addWidget(label);
    interval->addWidget(m_interval);
    interval->addWidget(new QLabel(tr("sizes, catalogs and settings are read less often"), box), 1);
    layout->addLayout(interval);
    return box;
}

void AttachDialog::connectAll()
{
    connect(m_recent, &QComboBox::activated, this, [this](int index) {
        const auto all = recentAttachments();
        if (index > 0 && std::size_t(index) <= all.size())
            setEntries(all[std::size_t(index - 1)]);
    });
    connect(m_list, &QListWidget::currentRowChanged, this, &AttachDialog::showEntry);
    connect(m_text, &QLineEdit::textEdited, this, [this] { takeText(); });
    connect(m_text, &QLineEdit::editingFinished, this, [this] {
        // A password in a pasted URI moves to its own field.
        if (AttachEntry *entry = current(); entry && entry->takePassword())
            showParts();
    });
    for (QLineEdit *field : {m_host, m_port, m_database, m_user})
        connect(field, &QLineEdit::textEdited, this, [this] { takeParts(); });
    for (QComboBox *box : {m_sslmode, m_service})
        connect(box, &QComboBox::activated, this, [this] { takeParts(); });
    connect(m_kind, &QComboBox::activated, this, [this] {
        if (AttachEntry *entry = current())
            entry->kind = live::TargetKind(m_kind->currentData().toInt());
        showState();
    });
    connect(m_name, &QLineEdit::textEdited, this, [this](const QString &text) {
        if (AttachEntry *entry = current())
            entry->name = text;
        showState();
    });
    connect(m_password, &QLineEdit::textEdited, this, [this](const QString &text) {
        if (AttachEntry *entry = current())
            entry->password = text;
    });
    connect(m_remember, &QCheckBox::toggled, this, [this](bool on) {
        if (AttachEntry *entry = current(); entry && !m_filling)
            entry->remember = on;
    });
    connect(m_test, &QPushButton::clicked, this, &AttachDialog::test);
}

AttachEntry *AttachDialog::current()
{
    const int row = m_list->currentRow();
    return row >= 0 && row < int(m_entries.size()) ? &m_entries[std::size_t(row)] : nullptr;
}

void AttachDialog::setEntries(std::vector<AttachEntry> entries)
{
    m_entries = std::move(entries);
    m_list->clear();
    for (const AttachEntry &entry : m_entries)
        m_list->addItem(entry.title());
    m_list->setCurrentRow(0);
    askKeychain();
}

void AttachDialog::addServer(live::TargetKind kind)
{
    AttachEntry entry;
    entry.kind = kind;
    if (kind == live::TargetKind::Pgbouncer)
        entry.text = QStringLiteral("port=6432 dbname=pgbouncer");
    // The next one is usually beside the first, with the same role.
    if (!m_entries.empty()) {
        entry.setPart("host", m_entries.front().part("host"));
        entry.setPart("user", m_entries.front().part("user"));
        if (kind == live::TargetKind::Postgres)
            entry.setPart("dbname", m_entries.front().part("dbname"));
    }
    m_entries.push_back(entry);
    m_list->addItem(entry.title());
    m_list->setCurrentRow(m_list->count() - 1);
}

void AttachDialog::removeServer()
{
    const int row = m_list->currentRow();
    if (m_entries.size() < 2 || row < 0)
        return;
    m_entries.erase(m_entries.begin() + row);
    delete m_list->takeItem(row);
    showEntry(m_list->currentRow());
}

void AttachDialog::showEntry(int)
{
    const AttachEntry *entry = current();
    if (!entry)
        return;
    m_testJob.cancel();
    m_test->setEnabled(true);
    m_result->clear();
    m_filling = true;
    m_kind->setCurrentIndex(m_kind->findData(int(entry->kind)));
    m_name->setText(entry->name);
    m_remember->setChecked(entry->remember);
    m_filling = false;
    m_text->setText(entry->text);
    showParts();
}

void AttachDialog::showParts()
{
    const AttachEntry *entry = current();
    if (!entry)
        return;
    for (const Part &part :
        {Part{"host", m_host}, Part{"port", m_port}, Part{"dbname", m_database}, Part{"user", m_user}})
        part.field->setText(entry->part(part.keyword));
    m_sslmode->setCurrentIndex(std::max(0, m_sslmode->findData(entry->part("sslmode"))));
    const QString service = entry->part("service");
    if (!service.isEmpty() && m_service->findData(service) < 0)
        m_service->addItem(service, service);
    m_service->setCurrentIndex(std::max(0, m_service->findData(service)));
    m_password->setText(entry->password);
    if (m_text->text() != entry->text)
        m_text->setText(entry->text);
    showState();
}

void AttachDialog::takeParts()
{
    AttachEntry *entry = current();
    if (!entry)
        return;
    for (const Part &part :
        {Part{"host", m_host}, Part{"port", m_port}, Part{"dbname", m_database}, Part{"user", m_user}})
        entry->setPart(part.keyword, part.field->text().trimmed());
    entry->setPart("sslmode", m_sslmode->currentData().toString());
    entry->setPart("service", m_service->currentData().toString());
    m_text->setText(entry->text);
    showState();
}

void AttachDialog::takeText()
{
    AttachEntry *entry = current();
    if (!entry)
        return;
    entry->text = m_text->text();
    if (entry->problem().isEmpty())
        showParts();
    else
        showState(); // the fields keep what was last understood
}

void AttachDialog::showState()
{
    const int row = m_list->currentRow();
    const AttachEntry *entry = current();
    if (!entry)
        return;
    m_problem->setText(entry->problem());
    m_problem->setVisible(!m_problem->text().isEmpty());
    m_list->item(row)->setText(entry->title());
    m_remove->setEnabled(m_entries.size() > 1);
    m_attach->setEnabled(std::all_of(m_entries.begin(), m_entries.end(),
        [](const AttachEntry &one) { return one.problem().isEmpty(); }));
    m_test->setEnabled(m_problem->text().isEmpty() && !m_testJob.isRunning());
}

void AttachDialog::test()
{
    const AttachEntry *entry = current();
    if (!entry)
        return;
    const Result<live::Target> target = entry->target();
    if (!target)
        return m_result->setText(fromUtf8(target.error().toText()));
    m_result->setText(tr("Connecting to %1…").arg(fromUtf8(live::safeText(*target))));
    m_test->setEnabled(false);
    m_testJob.start<live::ServerFacts>(
        this, {},
        [target = *target](const Progress &progress) -> Result<live::ServerFacts> {
            auto connection = live::connectNow(target, {}, progress);
            if (!connection)
                return tl::unexpected(connection.error());
            return live::readFacts(*connection, target, progress);
        },
        [this](const Result<live::ServerFacts> &facts) { showTest(facts); });
}

void AttachDialog::showTest(const Result<live::ServerFacts> &facts)
{
    m_test->setEnabled(true);
    if (facts) {
        m_result->setText(factsText(*facts));
        return;
    }
    m_result->setText(fromUtf8(facts.error().toText()));
    if (live::needsPassword(facts.error()))
        m_password->setFocus();
}

QString AttachDialog::factsText(const live::ServerFacts &facts)
{
    QStringList lines;
    QString role = !facts.inRecovery ? QString() : *facts.inRecovery ? tr(", standby") : tr(", primary");
    lines << tr("Connected: %1 %2%3")
                 .arg(fromUtf8(live::toText(facts.engine)), fromUtf8(facts.versionText), role);
    lines << (facts.tls.empty() ? tr("Not encrypted (sslmode %1)").arg(fromUtf8(facts.sslmode))
                                : tr("Encrypted: %1").arg(fromUtf8(facts.tls)));
    if (facts.isSuperuser)
        lines << tr("Role %1 is a superuser: pg_monitor is enough and safer").arg(fromUtf8(facts.user));
    else if (facts.engine != live::Engine::Pgbouncer)
        lines << (facts.hasMonitor ? tr("Role %1 has pg_monitor").arg(fromUtf8(facts.user))
                                   : tr("Role %1 has no pg_monitor").arg(fromUtf8(facts.user)));
    for (const std::string &hidden : facts.hidden)
        lines << tr("Hidden: %1").arg(fromUtf8(hidden));
    const bool isConsole = facts.engine == live::Engine::Pgbouncer || facts.engine == live::Engine::Other;
    if (isConsole && facts.roundTripNs == 0) // nothing was told of its clock
        return lines.join(QLatin1Char('\n'));
    lines << (facts.clockDifferenceNs == 0
            ? tr("Clocks agree within the round trip of %1").arg(fromUtf8(humanDuration(facts.roundTripNs)))
            : tr("Its clock is %1 %2 ours; times are stored by ours")
                  .arg(fromUtf8(humanDuration(std::abs(facts.clockDifferenceNs))),
                      facts.clockDifferenceNs > 0 ? tr("ahead of") : tr("behind")));
    return lines.join(QLatin1Char('\n'));
}

QString AttachDialog::resultText() const { return m_result->text(); }

void AttachDialog::askKeychain()
{
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        const auto target = m_entries[i].target();
        if (!m_entries[i].remember || !target)
            continue;
        readPassword(this, fromUtf8(live::safeText(*target)),
            [this, i, before = m_entries[i].text](const QString &password) {
                if (i >= m_entries.size() || m_entries[i].text != before || password.isEmpty()
                    || !m_entries[i].password.isEmpty())
                    return;
                m_entries[i].password = password;
                if (m_list->currentRow() == int(i))
                    m_password->setText(password);
            });
    }
}

std::vector<live::Target> AttachDialog::targets() const
{
    std::vector<live::Target> targets;
    for (const AttachEntry &entry : m_entries) {
        if (auto target = entry.target())
            targets.push_back(std::move(*target));
    }
    return targets;
}

live::AttachOptions AttachDialog::options() const
{
    live::AttachOptions options;
    options.sampling.interval = std::chrono::milliseconds(qRound(m_interval->value() * 1000));
    return options;
}

void AttachDialog::accept()
{
    for (AttachEntry &entry : m_entries)
        entry.takePassword();
    if (targets().size() != m_entries.size())
        return showState();
    rememberAttachment(m_entries);
    for (const AttachEntry &entry : m_entries) {
        // By the parent: the dialog is gone before the keychain answers. A refusal shows at the next start:
        // the password is asked for again.
        if (entry.remember && !entry.password.isEmpty())
            keepPassword(parent() ? parent() : qApp, fromUtf8(live::safeText(*entry.target())),
                entry.password, [](const QString &) {});
    }
    QDialog::accept();
}

} // namespace tailscope::app
