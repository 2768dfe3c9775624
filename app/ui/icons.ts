/** Pictures the views use: their package enters here. */
export {
  ChevronRight,
  ChevronsDownUp,
  ChevronsUpDown,
  CircleAlert,
  CircleCheck,
  Columns3,
  Info,
  KeyRound,
  Layers,
  Link2,
  Search,
  ShieldAlert,
  ShieldCheck,
  TriangleAlert,
  WrapText,
  X,
} from 'lucide-react';
