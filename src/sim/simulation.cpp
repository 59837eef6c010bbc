// The loop of virtual time: whatever comes next, happens.
#include "ballast/sim/simulation.hpp"

#include <fmt/core.h>

#include "ballast/core/error.hpp"
#include "sim/agenda.hpp"
#include "sim/fleet.hpp"
#include "sim/mail.hpp"
#include "sim/main_server.hpp"

namespace ballast {
namespace {

class Simulation {
 public:
  Simulation(Workload const& workload, SimulationSetting const& setting)
      : workload_{workload},
        mail_{agenda_, setting.messages.latency},
        fleet_{workload, setting, agenda_, mail_},
        main_{workload, setting, mail_} {
    for (auto const& loss : setting.faults.lost) plan(loss, setting.lease);
  }

  SimulationOutcome run() {
    main_.begin();
    while (!main_.finished()) advance();
    auto outcome = main_.outcome();
    Time const end{outcome.makespan};
    fleet_.stop(end);
    outcome.ideal = ideal_makespan(workload_);
    outcome.idle = fleet_.idle_share(end);
    outcome.most_held = fleet_.most_held();
    return outcome;
  }

 private:
  // Alarms may follow upon each other for a while when all nodes are silent, but not for ever.
  static constexpr int most_alarms_in_vain = 10'000;

  void plan(Faults::Loss const& loss, Duration lease) {
    if (loss.node.value() > workload_.speeds.nodes())
      throw UsageError{fmt::format("node {} cannot be lost", loss.node.value()),
                       fmt::format("there are {} nodes", workload_.speeds.nodes()), "name one of them"};
    Time const at{loss.at};
    agenda_.add({.at = at, .kind = Happening::Kind::node_dies, .node = loss.node});
    agenda_.add({.at = at + lease, .kind = Happening::Kind::loss_is_noticed, .node = loss.node});
  }

  void advance() {
    auto const alarm = main_.alarm();
    if (alarm && (agenda_.empty() || agenda_.next() > *alarm)) {
      if (agenda_.empty() && ++alarms_in_vain_ > most_alarms_in_vain) main_.refuse_standstill();
      main_.wake(*alarm);
      return;
    }
    alarms_in_vain_ = 0;
    if (agenda_.empty()) main_.refuse_standstill();
    happen(agenda_.take());
  }

  void happen(Happening const& what) {
    switch (what.kind) {
      case Happening::Kind::order_arrives:
        return fleet_.obey(what.node, mail_.take_order(what.slot), what.at);
      case Happening::Kind::report_arrives:
        return main_.receive(mail_.take_report(what.slot), what.at);
      case Happening::Kind::attempt_ends:
        return fleet_.end_attempt(what);
      case Happening::Kind::node_dies:
        return fleet_.kill(what.node, what.at);
      case Happening::Kind::loss_is_noticed:
        return main_.miss(what.node, what.at);
    }
  }

  Workload const& workload_;
  Agenda agenda_;
  Mail mail_;
  Fleet fleet_;
  MainServer main_;
  int alarms_in_vain_{0};
};

}  // namespace

SimulationOutcome simulate(Workload const& workload, SimulationSetting const& setting) {
  return Simulation{workload, setting}.run();
}

}  // namespace ballast
