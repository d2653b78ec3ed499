// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/findings/findingsview.h"

#include "base/text.h"
#include "items/querymodel.h"
#include "items/ruletexts.h"
#include "session/session.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"
#include "widgets/findings/findingtarget.h"

#include <QHeaderView>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QTextBrowser>
#include <QUrl>
#include <QVBoxLayout>

namespace tailscope::widgets {

namespace {

// Columns of the query below.
enum Column { Severity, Title, Summary, Gain, RuleId, Evidence, SubjectKind, SubjectId, StartNs, EndNs, Id };

const QString kQuery = QStringLiteral(
    "SELECT severity AS \"Severity\", title AS \"Finding\", summary AS \"Evidence\", gain_ms AS \"Gain\", "
    "rule_id, evidence, subject_kind, subject_id, start_ns, end_ns, id\n"
    "FROM finding WHERE state = 'open'\n"
    "ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 WHEN 'info' THEN 2 ELSE 3 END,"
    " gain_ms DESC, id");

/// Icon and colour of a severity beside its word.
class SeverityDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        const QString severity = index.data().toString();
        option->features |= QStyleOptionViewItem::HasDecoration;
        option->icon = themedIcon(severity);
        option->decorationSize = QSize(16, 16);
        const Theme theme(option->palette);
        const QColor tone = severity == QLatin1String("critical") ? theme.critical()
            : severity == QLatin1String("warning")                ? theme.warning()
            : severity == QLatin1String("good")                   ? theme.good()
                                                                  : theme.info();
        option->palette.setColor(QPalette::Text, tone);
    }
};

/// Milliseconds to win, with a unit.
class GainDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QString displayText(const QVariant &value, const QLocale &) const override
    {
        bool number = false;
        const double ms = QString(value.toString()).remove(QLatin1Char(',')).toDouble(&number);
        return number ? QString::fromStdString(humanMillis(ms)) : value.toString();
    }
};

void appendPart(QString &html, const QString &title, const QString &text)
{
    if (!text.isEmpty())
        html += QStringLiteral("<h4>%1</h4><p>%2</p>")
                    .arg(title, text.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")));
}

} // namespace

FindingsView::FindingsView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new items::QueryModel(session, this))
    , m_rules(new items::QueryModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_table(new QTableView(this))
    , m_detail(new QTextBrowser(this))
    , m_footer(new QLabel(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_footer);
    m_footer->setMargin(4);
    m_footer->setWordWrap(true);
    m_footer->setTextInteractionFlags(Qt::TextBrowserInteraction);
    m_footer->setAccessibleName(tr("Rules that ran"));
    connect(m_footer, &QLabel::linkActivated, this, &FindingsView::showNotEvaluated);
    m_stack->addWidget(m_empty);
    auto *splitter = new QSplitter(Qt::Horizontal, this);
    splitter->addWidget(m_table);
    splitter->addWidget(m_detail);
    splitter->setSizes({600, 400});
    m_stack->addWidget(splitter);
    m_table->setModel(m_model);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setShowGrid(false);
    m_table->setAlternatingRowColors(true);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 8);
    m_table->setItemDelegateForColumn(Gain, new GainDelegate(this));
    m_table->setItemDelegateForColumn(Severity, new SeverityDelegate(this));
    m_table->setAccessibleName(tr("Findings"));
    m_detail->setOpenLinks(false);
    m_detail->setAccessibleName(tr("Finding"));
    m_detail->setFrameShape(QFrame::NoFrame);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this](const QModelIndex &index) { showFinding(index.row()); });
    connect(m_table, &QTableView::activated, this,
        [this](const QModelIndex &index) { goTo(index.row(), 0); });
    connect(m_detail, &QTextBrowser::anchorClicked, this, [this](const QUrl &link) {
        goTo(m_table->currentIndex().row(), link.toString().section(QLatin1Char(':'), 1).toInt());
    });
    connect(m_model, &items::QueryModel::finished, this, &FindingsView::refresh);
    connect(m_rules, &items::QueryModel::finished, this, &FindingsView::refresh);
    connect(session, &session::Session::loaded, this, &FindingsView::reload);
    connect(context(), &session::SessionContext::selectionChanged, this, &FindingsView::followSelection);
    setFocusProxy(m_table);
    reload();
}

QString FindingsView::showSql() const { return kQuery; }

QString FindingsView::commandLine() const
{
    QString path = QString::fromStdString(session()->workspace().path().string());
    return QStringLiteral("tailscope report '%1' --format text")
        .arg(path.replace(QLatin1Char('\''), QStringLiteral("'\\''")));
}

bool FindingsView::isReady() const { return !m_model->isRunning() && !m_rules->isRunning(); }

void FindingsView::reload()
{
    m_model->setQuery(kQuery);
    m_rules->setQuery(
        QStringLiteral("SELECT rule_id, state, seconds, rows FROM rule_run ORDER BY state, rule_id"));
}

void FindingsView::refresh()
{
    int ran = 0;
    int skipped = 0;
    for (int row = 0; row < m_rules->rowCount(); ++row)
        ++(m_rules->value(row, 1).toString() == QLatin1String("ran") ? ran : skipped);
    m_footer->setText(m_rules->rowCount() == 0
            ? QString()
            : tr("%1 rules ran, <a href='rules'>%2 not evaluated</a>").arg(ran).arg(skipped));
    m_footer->setVisible(m_rules->rowCount() > 0);
    if (m_model->rowCount() == 0) {
        if (!m_model->error().isEmpty())
            m_empty->setContent(QStringLiteral("critical"), tr("Findings Could Not Be Read"),
                m_model->error());
        else if (ran > 0)
            m_empty->setContent(QStringLiteral("good"), tr("Nothing to Fix Found"),
                tr("%1 rules ran on this data and none fired.").arg(ran));
        else
            m_empty->setContent(QStringLiteral("warning"), tr("No Findings Yet"),
                tr("Open a plan, a trace or metrics: the rules run after every import."));
        m_stack->setCurrentIndex(0);
    } else {
        m_stack->setCurrentIndex(1);
        for (int c = RuleId; c < m_model->columnCount(); ++c)
            m_table->setColumnHidden(c, true);
        m_table->setColumnWidth(Severity,
            m_table->fontMetrics().horizontalAdvance(QStringLiteral("critical")) + 44);
        m_table->setColumnWidth(Title, 230);
        m_table->horizontalHeader()->setSectionResizeMode(Summary, QHeaderView::Stretch);
        m_table->setColumnWidth(Gain, 80);
        if (!m_table->currentIndex().isValid())
            m_table->selectRow(0);
        followSelection();
    }
    Q_EMIT readyChanged();
}

void FindingsView::showFinding(int row)
{
    if (row < 0 || row >= m_model->rowCount())
        return;
    const auto text = [&](Column column) { return m_model->value(row, column).toString(); };
    const items::RuleTexts rule = items::ruleTexts(text(RuleId), text(Evidence));
    QString html = QStringLiteral("<h3>%1</h3>").arg(text(Title).toHtmlEscaped());
    html += QStringLiteral("<p>%1</p>").arg(text(Summary).toHtmlEscaped());
    QStringList links;
    for (const FindingTarget &target : targets(row))
        links << QStringLiteral("<a href='target:%1'>%2</a>")
                     .arg(links.size())
                     .arg(target.text.toHtmlEscaped());
    if (!links.isEmpty())
        html += QStringLiteral("<p>%1</p>")
                    .arg(tr("Show where: %1").arg(links.join(QStringLiteral(" &nbsp;·&nbsp; "))));
    appendPart(html, tr("Cause"), rule.cause);
    const QJsonObject evidence = QJsonDocument::fromJson(text(Evidence).toUtf8()).object();
    if (!evidence.isEmpty()) {
        html += QStringLiteral("<h4>%1</h4><table cellpadding='2'>").arg(tr("Evidence"));
        for (auto it = evidence.begin(); it != evidence.end(); ++it) {
            const QVariant value = it.value().toVariant();
            html += QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td>%2</td></tr>")
                        .arg(it.key().toHtmlEscaped(),
                            items::displayText(it.key(), value, context()).toHtmlEscaped());
        }
        html += QStringLiteral("</table>");
    }
    appendPart(html, tr("Check First"), rule.checks.join(QLatin1Char('\n')));
    appendPart(html, tr("Fix"), rule.fix);
    appendPart(html, tr("Proof"), rule.proof);
    appendPart(html, tr("What May Get Worse"), rule.risk);
    appendPart(html, tr("Tempting but Wrong"), rule.refuse);
    html += QStringLiteral("<p><small>%1</small></p>").arg(text(RuleId).toHtmlEscaped());
    m_detail->setHtml(html);
}

void FindingsView::followSelection()
{
    const session::Selection selection = context()->selection();
    if (selection.kind != session::Selection::Kind::Finding)
        return;
    for (int row = 0; row < m_model->rowCount(); ++row) {
        if (m_model->value(row, Id).toLongLong() == selection.id)
            m_table->selectRow(row);
    }
}

void FindingsView::showNotEvaluated()
{
    QString html = QStringLiteral("<h3>%1</h3><table cellpadding='2'>").arg(tr("Rules"));
    for (int row = 0; row < m_rules->rowCount(); ++row)
        html += QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td>%2</td></tr>")
                    .arg(m_rules->value(row, 0).toString().toHtmlEscaped(),
                        m_rules->value(row, 1).toString().toHtmlEscaped());
    m_detail->setHtml(html + QStringLiteral("</table>"));
    m_stack->setCurrentIndex(1);
}

QList<FindingTarget> FindingsView::targets(int row) const
{
    if (row < 0 || row >= m_model->rowCount())
        return {};
    const auto text = [&](Column column) { return m_model->value(row, column).toString(); };
    FindingSubject subject{text(SubjectKind), text(SubjectId), text(Evidence), std::nullopt, std::nullopt};
    if (const QVariant start = m_model->value(row, StartNs); start.isValid())
        subject.startNs = Nanos(start.toLongLong());
    if (const QVariant end = m_model->value(row, EndNs); end.isValid())
        subject.endNs = Nanos(end.toLongLong());
    return findingTargets(subject);
}

void FindingsView::goTo(int row, int number)
{
    const QList<FindingTarget> places = targets(row);
    if (number < 0 || number >= places.size())
        return;
    const FindingTarget &target = places.at(number);
    if (!target.filter.isEmpty())
        context()->narrow(target.filter);
    if (target.range)
        context()->setRange(target.range);
    if (target.selection.kind != session::Selection::Kind::None)
        context()->setSelection(target.selection);
    if (!target.sql.isEmpty())
        Q_EMIT sqlRequested(target.sql);
    else
        Q_EMIT openViewRequested(target.view);
}

} // namespace tailscope::widgets
