// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Actions and menu of the plan view: copies, files, pictures, comparison.
#include "items/planmodel.h"
#include "items/savetext.h"
#include "report/anonymiseplan.h"
#include "session/session.h"
#include "widgets/base/emptystate.h"
#include "widgets/plan/plandiagram.h"
#include "widgets/plan/plandiagrampage.h"
#include "widgets/plan/plansidepane.h"
#include "widgets/plan/plantablepage.h"
#include "widgets/plan/planview.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QMenu>

namespace tailscope::widgets {

namespace {

void copyText(const QString &text) { QApplication::clipboard()->setText(text); }

} // namespace

void PlanView::createActions()
{
    const auto add = [this](const QString &text, auto run) {
        auto *action = new QAction(text, this);
        connect(action, &QAction::triggered, this, run);
        m_actions << action;
        return action;
    };
    const auto separate = [&] { add({}, [] {})->setSeparator(true); };
    add(tr("Copy Plan as Table"), [this] { copyText(m_model->toText()); });
    add(tr("Copy Plan Text"), [this] { copyText(m_side->planText()); });
    add(tr("Copy Anonymised"), [this] { anonymise(copyText); });
    separate();
    add(tr("Save Plan as…"), [this] { savePlan(); });
    add(tr("Save Anonymised Copy…"), [this] {
        anonymise([this](const QString &text) {
            save(tr("Save Anonymised Copy"), {tr("Plan text (*.txt)"), tr("Plan as JSON (*.json)")},
                QStringLiteral("txt"), [text](const QString &path) { return items::saveText(path, text); });
        });
    });
    add(tr("Save Diagram as Picture…"), [this] { saveDiagram(); });
    separate();
    add(tr("Compare with…"), [this] { compareWith(); });
    add(tr("Expand All Nodes"), [this] {
        m_table->expandAll();
        m_diagram->diagram()->unfoldAll();
    });
    add(tr("Select Slowest Node"), [this] { goToSlowest(); });
}

void PlanView::save(const QString &title, const QStringList &filters, const QString &suffix,
    std::function<QString(const QString &path)> write)
{
    auto *dialog = new QFileDialog(this, title);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters(filters);
    dialog->setDefaultSuffix(suffix);
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString &filter) {
        const qsizetype at = filter.lastIndexOf(QLatin1String("*."));
        dialog->setDefaultSuffix(filter.mid(at + 2).chopped(1));
    });
    connect(dialog, &QFileDialog::fileSelected, this, [this, write = std::move(write)](const QString &path) {
        if (const QString problem = write(path); !problem.isEmpty())
            m_banner->show(Banner::Level::Warning, problem);
    });
    dialog->open();
}

void PlanView::savePlan()
{
    const items::PlanHead *plan = m_model->head();
    if (!plan)
        return;
    const bool isJson = plan->format == QLatin1String("json");
    const QString text = plan->sourceText;
    save(tr("Save Plan"),
        isJson ? QStringList{tr("Plan as JSON (*.json)"), tr("Plan text (*.txt)")}
               : QStringList{tr("Plan text (*.txt)"), tr("Plan (*.%1)").arg(plan->format)},
        isJson ? QStringLiteral("json") : QStringLiteral("txt"),
        [text](const QString &path) { return items::saveText(path, text); });
}

void PlanView::saveDiagram()
{
    save(tr("Save Diagram"), {tr("PNG picture (*.png)"), tr("SVG picture (*.svg)")}, QStringLiteral("png"),
        [this](const QString &path) { return m_diagram->diagram()->exportPicture(path); });
}

void PlanView::anonymise(std::function<void(const QString &text)> done)
{
    const items::PlanHead *plan = m_model->head();
    if (!plan)
        return;
    const std::string text = plan->sourceText.toStdString();
    m_anonymiseJob.start<std::string>(
        this, tr("Anonymising the plan"),
        [text](const Progress &) -> Result<std::string> { return report::anonymisePlanText(text); },
        [this, done = std::move(done)](Result<std::string> anonymised) {
            if (!anonymised)
                return;
            done(QString::fromStdString(*anonymised));
            Q_EMIT statusText(tr("Names and literals of the plan were replaced."));
        });
}

void PlanView::compareWith()
{
    if (m_model->currentPlan() <= 0)
        return;
    // The view of comparisons takes the plan that is selected as its first one.
    context()->setSelection({session::Selection::Kind::Plan, m_model->currentPlan(), {}});
    Q_EMIT openViewRequested(QStringLiteral("plancompare"));
}

void PlanView::showMenu(const QPoint &position, int node)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (node >= 0 && std::size_t(node) < m_model->nodes().size()) {
        const analysis::PlanFactsNode &facts = m_model->facts().nodes[std::size_t(node)];
        const auto copy = [menu](const QString &title, const QString &text) {
            if (!text.isEmpty())
                menu->addAction(title, [text] { copyText(text); });
        };
        copy(tr("Copy Node"), m_model->cells().nodeTitle(node));
        copy(tr("Copy All Figures of the Node"), m_model->cells().summary(node));
        copy(tr("Copy Condition"), QString::fromStdString(facts.condition));
        copy(tr("Copy Filter"), QString::fromStdString(facts.filter));
        if (facts.parent >= 0)
            menu->addAction(tr("Go to Parent"), this, [this, parent = facts.parent] { chooseNode(parent); });
        menu->addAction(m_diagram->diagram()->isFolded(node) ? tr("Unfold in the Diagram")
                                                             : tr("Fold in the Diagram"),
            this, [this, node] { m_diagram->diagram()->toggleFold(node); });
        menu->addSeparator();
    }
    menu->addActions(m_actions);
    menu->addSeparator();
    menu->addAction(tr("Show SQL"), this, [this] { Q_EMIT sqlRequested(showSql()); });
    menu->popup(position);
}

} // namespace tailscope::widgets
