// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/sessions/explaindialog.h"

#include "items/explainrequestmodel.h"
#include "widgets/base/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFontDatabase>
#include <QFormLayout>
#include <QGroupBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using items::ExplainOrder;
using items::ExplainRequestModel;

ExplainDialog::ExplainDialog(session::Session *session, QWidget *parent)
    : QDialog(parent)
    , m_model(new ExplainRequestModel(session, this))
    , m_sql(new QPlainTextEdit(this))
    , m_target(new QComboBox(this))
    , m_path(new QLineEdit(this))
    , m_role(new QLineEdit(this))
    , m_index(new QLineEdit(this))
    , m_timeout(new QSpinBox(this))
    , m_analyze(new QCheckBox(tr("ANALY&ZE: execute it and measure"), this))
    , m_consent(new QCheckBox(tr("It may be e&xecuted on this server"), this))
    , m_message(new QLabel(this))
    , m_indexMessage(new QLabel(this))
    , m_database(new QLabel(this))
    , m_progress(new QProgressBar(this))
    , m_explain(new QPushButton(themedIcon(QStringLiteral("plan")), tr("&Explain"), this))
    , m_cancel(new QPushButton(themedIcon(QStringLiteral("cancel")), tr("&Cancel Query"), this))
    , m_copy(new QPushButton(themedIcon(QStringLiteral("copy")), tr("Copy Text to &Run"), this))
    , m_try(new QPushButton(tr("&Would It Be Used?"), this))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Explain a Statement"));
    buildLayout();
    connect(m_model, &ExplainRequestModel::changed, this, &ExplainDialog::showModel);
    connect(m_model, &ExplainRequestModel::targetsChanged, this, [this] {
        const QSignalBlocker blocker(m_target);
        m_target->clear();
        m_target->addItems(m_model->targets());
        m_target->setCurrentIndex(std::min(m_model->chosen(), m_target->count() - 1));
    });
    connect(m_model, &ExplainRequestModel::planReady, this, [this] {
        Q_EMIT planReady();
        accept();
    });
    connect(m_target, &QComboBox::currentIndexChanged, m_model, &ExplainRequestModel::choose);
    connect(m_sql, &QPlainTextEdit::textChanged, this, &ExplainDialog::takeOrder);
    for (QLineEdit *edit : {m_path, m_role})
        connect(edit, &QLineEdit::textChanged, this, &ExplainDialog::takeOrder);
    for (QCheckBox *box : {m_analyze, m_consent})
        connect(box, &QCheckBox::toggled, this, &ExplainDialog::takeOrder);
    connect(m_timeout, &QSpinBox::valueChanged, this, &ExplainDialog::takeOrder);
    connect(m_explain, &QPushButton::clicked, m_model, &ExplainRequestModel::start);
    connect(m_cancel, &QPushButton::clicked, m_model, &ExplainRequestModel::cancel);
    connect(m_try, &QPushButton::clicked, this, [this] { m_model->tryIndex(m_index->text()); });
    connect(m_index, &QLineEdit::textChanged, this, &ExplainDialog::showModel);
    connect(m_copy, &QPushButton::clicked, this, [this] {
        const QString text = m_model->reply().textToRun;
        QApplication::clipboard()->setText(
            text.isEmpty() ? QStringLiteral("EXPLAIN (FORMAT JSON) ") + m_model->order().sql : text);
    });
    m_target->addItems(m_model->targets());
    showModel();
}

QWidget *ExplainDialog::buildIndex()
{
    auto *box = new QGroupBox(tr("Would this index be used? (HypoPG: nothing is created)"), this);
    auto *layout = new QVBoxLayout(box);
    auto *line = new QHBoxLayout;
    m_index->setPlaceholderText(QStringLiteral("CREATE INDEX ON orders (customer_id)"));
    m_index->setAccessibleName(tr("Index to try"));
    line->addWidget(m_index, 1);
    line->addWidget(m_try);
    layout->addLayout(line);
    m_indexMessage->setWordWrap(true);
    m_indexMessage->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_indexMessage->setAccessibleName(tr("What the index would change"));
    layout->addWidget(m_indexMessage);
    return box;
}

void ExplainDialog::buildLayout()
{
    resize(720, 620);
    m_sql->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_sql->setAccessibleName(tr("Statement"));
    m_sql->setTabChangesFocus(true);
    m_target->setAccessibleName(tr("Server"));
    m_path->setPlaceholderText(tr("as the server has it"));
    m_path->setToolTip(tr("search_path: where names without a schema are looked for"));
    m_role->setPlaceholderText(tr("as connected"));
    m_role->setToolTip(tr("SET ROLE: the role that runs the statement; a "
                          "monitoring role may not read tables"));
    m_timeout->setRange(1, 3'600);
    m_timeout->setValue(10);
    m_timeout->setSuffix(tr(" s"));
    auto *form = new QFormLayout;
    form->addRow(tr("&Server"), m_target);
    form->addRow(tr("Database"), m_database);
    form->addRow(tr("Search &path"), m_path);
    form->addRow(tr("R&ole"), m_role);
    form->addRow(tr("&Time limit"), m_timeout);
    m_message->setWordWrap(true);
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_message->setAccessibleName(tr("Message"));
    m_progress->setRange(0, 0);
    m_progress->setAccessibleName(tr("The server is asked"));
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    buttons->addButton(m_explain, QDialogButtonBox::ActionRole);
    buttons->addButton(m_copy, QDialogButtonBox::ActionRole);
    buttons->addButton(m_cancel, QDialogButtonBox::ActionRole);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_sql, 1);
    layout->addLayout(form);
    m_analyze->setToolTip(
        tr("Without it nothing is executed. With it the statement runs as long as it takes, up to the time "
           "limit: only SELECT, in a read-only transaction that is rolled back"));
    layout->addWidget(m_analyze);
    layout->addWidget(buildIndex());
    layout->addWidget(m_message);
    layout->addWidget(m_consent);
    layout->addWidget(m_progress);
    layout->addWidget(buttons);
    m_explain->setDefault(true);
}

void ExplainDialog::setStatement(qint64 statementId, const QString &database, const QString &user)
{
    m_database->setText(database.isEmpty() ? tr("that of the connection")
                                           : tr("%1 (the connection must be to it)").arg(database));
    if (!user.isEmpty())
        m_role->setToolTip(m_role->toolTip() + tr("; the session ran as %1").arg(user));
    m_model->loadStatement(statementId);
}

void ExplainDialog::takeOrder()
{
    if (m_showing)
        return;
    ExplainOrder order;
    order.sql = m_sql->toPlainText();
    order.searchPath = m_path->text().trimmed();
    order.role = m_role->text().trimmed();
    order.timeoutSeconds = m_timeout->value();
    order.isAnalyze = m_analyze->isChecked();
    // Consent is to the warnings that are shown, not to whatever comes next.
    order.hasConsent = order.isAnalyze && m_consent->isChecked() && m_model->reply().needsConsent;
    m_model->setOrder(order);
}

QString ExplainDialog::messageText() const
{
    if (!m_model->errorText().isEmpty())
        return m_model->errorText();
    const items::ExplainReply &reply = m_model->reply();
    if (!reply.refusal.isEmpty())
        return reply.refusal;
    if (reply.needsConsent && !m_model->isRunning())
        return tr("Nothing was executed yet. %1").arg(reply.warnings.join(QLatin1Char(' ')));
    if (m_model->isRunning())
        return tr("The server is asked on a connection of its own…");
    return m_model->obstacle();
}

void ExplainDialog::showModel()
{
    m_showing = true;
    if (m_sql->toPlainText() != m_model->order().sql)
        m_sql->setPlainText(m_model->order().sql);
    m_showing = false;
    const bool running = m_model->isRunning(), ready = m_model->obstacle().isEmpty();
    const bool waits = m_model->reply().needsConsent && m_analyze->isChecked() && !m_consent->isChecked();
    m_explain->setEnabled(!running && ready && !waits);
    m_cancel->setVisible(running);
    m_progress->setVisible(running);
    m_try->setEnabled(!running && m_model->hasTargets() && !m_index->text().trimmed().isEmpty());
    m_target->setEnabled(!running && m_model->hasTargets());
    m_message->setText(messageText());
    // Asked for once it is said what executing it may do.
    m_consent->setVisible(m_analyze->isChecked() && m_model->reply().needsConsent && !running);
    if (!running && !m_model->reply().needsConsent) {
        const QSignalBlocker blocker(m_consent);
        m_consent->setChecked(false);
    }
    m_message->setVisible(!m_message->text().isEmpty());
    QString index;
    if (const auto &reply = m_model->indexReply()) {
        if (reply->costBefore && reply->costAfter)
            index = reply->isUsed ? tr("Yes: the planner would use it. Cost %1 before, %2 with it.")
                                        .arg(*reply->costBefore, 0, 'f', 2)
                                        .arg(*reply->costAfter, 0, 'f', 2)
                                  : tr("No: the planner would not use it. Cost %1 before, %2 with "
                                       "it.")
                                        .arg(*reply->costBefore, 0, 'f', 2)
                                        .arg(*reply->costAfter, 0, 'f', 2);
        if (!reply->note.isEmpty())
            index += (index.isEmpty() ? QString() : QStringLiteral(" ")) + reply->note;
    }
    m_indexMessage->setText(index);
    m_indexMessage->setVisible(!index.isEmpty());
}

} // namespace tailscope::widgets
