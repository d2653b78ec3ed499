// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plan/plansidepane.h"

#include "analysis/planoutside.h"
#include "items/planmodel.h"
#include "widgets/base/theme.h"

#include <QEvent>
#include <QFontDatabase>
#include <QLabel>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QSplitter>
#include <QTextBlock>
#include <QVBoxLayout>

namespace tailscope::widgets {

namespace {

constexpr int kNodeRole = Qt::UserRole;

QPlainTextEdit *textPane(QWidget *parent, const QString &name)
{
    auto *edit = new QPlainTextEdit(parent);
    edit->setReadOnly(true);
    edit->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    edit->setAccessibleName(name);
    edit->setFrameShape(QFrame::NoFrame);
    // A read-only text must still be readable by keyboard.
    edit->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return edit;
}

QString markOf(analysis::PlanCheck::State state)
{
    switch (state) {
    case analysis::PlanCheck::State::Good:
        return QStringLiteral("✓");
    case analysis::PlanCheck::State::Unknown:
        return QStringLiteral("?");
    case analysis::PlanCheck::State::Notice:
        return QStringLiteral("!");
    case analysis::PlanCheck::State::Warning:
        return QStringLiteral("‼");
    }
    return {};
}

QColor toneOf(analysis::PlanCheck::State state, const Theme &theme)
{
    switch (state) {
    case analysis::PlanCheck::State::Good:
        return theme.good();
    case analysis::PlanCheck::State::Unknown:
        return theme.mutedText();
    case analysis::PlanCheck::State::Notice:
        return theme.warning();
    case analysis::PlanCheck::State::Warning:
        return theme.critical();
    }
    return theme.text();
}

} // namespace

PlanSidePane::PlanSidePane(const items::PlanModel *model, QWidget *parent)
    : QTabWidget(parent)
    , m_model(model)
    , m_checks(new QListWidget(this))
    , m_outside(new QLabel(this))
    , m_text(textPane(this, tr("Plan text")))
    , m_query(textPane(this, tr("Statement")))
    , m_queryNote(new QLabel(this))
{
    setDocumentMode(true);
    m_checks->setAccessibleName(tr("Read it in 30 seconds"));
    m_checks->setFrameShape(QFrame::NoFrame);
    // Wrapped, the list would stay blank for a moment after every resize.
    m_checks->setTextElideMode(Qt::ElideRight);
    m_checks->setSpacing(2);
    m_checks->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_checks->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    const auto choose = [this](const QListWidgetItem *item) {
        if (const int node = item ? item->data(kNodeRole).toInt() : -1; node >= 0)
            Q_EMIT nodeChosen(node);
    };
    connect(m_checks, &QListWidget::itemClicked, this, choose);
    connect(m_checks, &QListWidget::itemActivated, this, choose);
    m_outside->setWordWrap(true);
    m_outside->setMargin(8);
    m_outside->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_outside->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    auto *scroll = new QScrollArea(this);
    scroll->setWidget(m_outside);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto *first = new QSplitter(Qt::Vertical, this);
    first->addWidget(m_checks);
    first->addWidget(scroll);
    first->setStretchFactor(0, 7);
    first->setStretchFactor(1, 3);
    first->setSizes({560, 260});

    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_queryNote->setWordWrap(true);
    m_queryNote->setMargin(4);
    auto *statement = new QWidget(this);
    auto *layout = new QVBoxLayout(statement);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_queryNote);
    layout->addWidget(m_query, 1);
    auto *second = new QSplitter(Qt::Vertical, this);
    second->addWidget(m_text);
    second->addWidget(statement);
    addTab(first, tr("30 Seconds"));
    setTabToolTip(0, tr("What to read first, and what the tree does not hold"));
    addTab(second, tr("Text and Statement"));
}

QString PlanSidePane::planText() const { return m_text->toPlainText(); }

void PlanSidePane::changeEvent(QEvent *event)
{
    QTabWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_checks)
        showChecklist();
}

void PlanSidePane::showPlan()
{
    const items::PlanHead *plan = m_model->head();
    m_text->setPlainText(plan ? plan->sourceText : QString());
    m_query->setPlainText(
        plan && !plan->queryText.isEmpty() ? plan->queryText : tr("The plan does not hold its statement."));
    showChecklist();
    showOutside();
}

void PlanSidePane::showChecklist()
{
    const Theme theme(palette());
    m_checks->clear();
    for (const analysis::PlanCheck &check : m_model->checks()) {
        auto *item = new QListWidgetItem(QStringLiteral("%1 %2\n%3")
                                             .arg(markOf(check.state), QString::fromStdString(check.title),
                                                 QString::fromStdString(check.value)),
            m_checks);
        item->setData(kNodeRole, check.nodes.empty() ? -1 : check.nodes.front());
        item->setForeground(check.state == analysis::PlanCheck::State::Good
                    || check.state == analysis::PlanCheck::State::Unknown
                ? theme.text()
                : toneOf(check.state, theme));
        QStringList tip{QString::fromStdString(check.value)};
        if (!check.detail.empty())
            tip << QString::fromStdString(check.detail);
        if (!check.nodes.empty())
            tip << tr("Click or Enter chooses the node.");
        item->setToolTip(tip.join(QLatin1Char('\n')));
    }
}

void PlanSidePane::showOutside()
{
    const analysis::PlanFacts &facts = m_model->facts();
    if (facts.nodes.empty()) {
        m_outside->clear();
        return;
    }
    const analysis::PlanOutside outside = analysis::planOutside(facts);
    QStringList rows;
    const auto row = [&rows](const QString &name, const QString &value) {
        rows << QStringLiteral("<tr><td>%1</td><td align='right'>&nbsp;&nbsp;%2</td></tr>")
                    .arg(name.toHtmlEscaped(), value.toHtmlEscaped());
    };
    const auto time = [&](const QString &name, const std::optional<double> &ms, bool always = false) {
        if (ms || always)
            row(name, ms ? items::planMillis(ms) : tr("unknown"));
    };
    time(tr("Planning"), outside.planningMs, true);
    time(tr("Execution"), outside.executionMs, true);
    QString root = outside.rootMs ? items::planMillis(outside.rootMs) : tr("unknown");
    if (outside.rootDoubtMs && outside.executionMs && *outside.rootDoubtMs > 0.01 * *outside.executionMs)
        root += QStringLiteral(" ± ") + items::planMillis(outside.rootDoubtMs);
    row(tr("– in the tree (root)"), root);
    time(tr("– start-up and shutdown"), outside.startStopMs);
    time(outside.isTriggerPlaceAssumed ? tr("– triggers after the plan (they fit there)")
                                       : tr("– triggers after the plan"),
        outside.triggersAfterMs);
    time(tr("– triggers inside nodes"), outside.triggersInsideMs);
    time(tr("– serialization"), outside.serializationMs);
    time(tr("– JIT (inside nodes)"), outside.jitMs);
    time(tr("Not attributable"), outside.notAttributableMs);
    QString text;
    if (outside.neverRunsNode >= 0) {
        text += QStringLiteral("<p><b>%1</b></p>")
                    .arg((outside.isWholeNeverRun
                            ? tr("One-Time Filter: false: the whole plan never runs.")
                            : tr("One-Time Filter: false: what is below \"%1\" never runs.")
                                  .arg(m_model->cells().nodeTitle(outside.neverRunsNode)))
                             .toHtmlEscaped());
    }
    text += QStringLiteral("<p><b>%1</b></p><table>%2</table>")
                .arg(tr("Beside the tree"), rows.join(QString()));
    for (const analysis::PlanFactsTrigger &trigger : facts.triggers) {
        QString line = trigger.constraintName.empty()
            ? tr("Trigger %1").arg(QString::fromStdString(trigger.name))
            : tr("Trigger of constraint %1").arg(QString::fromStdString(trigger.constraintName));
        if (!trigger.relation.empty())
            line += tr(" on %1").arg(QString::fromStdString(trigger.relation));
        line += tr(": %1, %2 calls").arg(items::planMillis(trigger.timeMs), items::planCount(trigger.calls));
        text += QStringLiteral("<br>") + line.toHtmlEscaped();
    }
    const std::string_view definition = analysis::selfTimeDefinition();
    text += QStringLiteral("<p>%1</p>")
                .arg(QString::fromUtf8(definition.data(), qsizetype(definition.size())).toHtmlEscaped());
    m_outside->setText(text);
}

void PlanSidePane::showNode(int node)
{
    markText(node);
    markStatement(node);
}

void PlanSidePane::markText(int node)
{
    const auto &nodes = m_model->facts().nodes;
    const int line = node >= 0 && std::size_t(node) < nodes.size() ? nodes[std::size_t(node)].sourceLine : 0;
    QList<QTextEdit::ExtraSelection> marks;
    if (const QTextBlock block = m_text->document()->findBlockByNumber(line - 1);
        line > 0 && block.isValid()) {
        QTextEdit::ExtraSelection mark;
        mark.format.setBackground(Theme(palette()).selection());
        mark.format.setProperty(QTextFormat::FullWidthSelection, true);
        mark.cursor = QTextCursor(block);
        marks << mark;
        m_text->setTextCursor(mark.cursor);
        m_text->centerCursor();
    }
    m_text->setExtraSelections(marks);
}

void PlanSidePane::markStatement(int node)
{
    QList<QTextEdit::ExtraSelection> marks;
    QString note;
    const items::PlanHead *plan = m_model->head();
    if (plan && !plan->queryText.isEmpty() && node >= 0) {
        const auto parts = m_model->queryParts(node);
        if (!parts) {
            note = tr("The statement cannot be parsed as PostgreSQL: no part of it can be marked.");
        } else if (parts->isEmpty()) {
            note = tr(
                "No part of the statement was found for this node: the planner added it, or names differ.");
        } else {
            note = tr("Marked: what the chosen node comes from, found by names.");
        }
        for (const auto &[begin, length] : parts.value_or(QList<std::pair<int, int>>())) {
            QTextEdit::ExtraSelection mark;
            mark.format.setBackground(Theme(palette()).selection());
            mark.format.setFontUnderline(true);
            mark.cursor = QTextCursor(m_query->document());
            mark.cursor.setPosition(begin);
            mark.cursor.setPosition(begin + length, QTextCursor::KeepAnchor);
            marks << mark;
        }
    }
    m_queryNote->setText(note);
    m_queryNote->setVisible(!note.isEmpty());
    m_query->setExtraSelections(marks);
    if (!marks.isEmpty()) {
        QTextCursor start(m_query->document());
        start.setPosition(marks.first().cursor.selectionStart());
        m_query->setTextCursor(start);
        m_query->ensureCursorVisible();
    }
}

} // namespace tailscope::widgets
